/** The few colours of a part of a picture, so that what is inside and what is outside can be told by how often each occurs. */

/** A part of a picture: w × h pixels of four bytes, red, green, blue and one that does not count. */
export interface Patch {
  w: number;
  h: number;
  data: Uint8ClampedArray;
}

const MOST = 24;
const ROUNDS = 6;
const SAMPLE = 4096;

export interface Palette {
  /** Per pixel, the number of its colour. */
  index: Uint8Array;
  /** Red, green, blue of each. */
  colours: number[][];
}

/** k-means, begun at quantiles of the brightness: the same picture always gives the same colours. */
export function palette({ w, h, data }: Patch): Palette {
  const n = w * h;
  const stride = Math.max(1, Math.floor(n / SAMPLE));
  const sample: number[] = [];
  for (let i = 0; i < n; i += stride) sample.push(i);
  const light = (i: number): number => data[i * 4]! + data[i * 4 + 1]! + data[i * 4 + 2]!;
  const sorted = sample.slice().sort((a, b) => light(a) - light(b));
  const size = Math.max(2, Math.min(MOST, Math.floor(n / 16)));
  let colours = Array.from({ length: size }, (_, k) => {
    const i = sorted[Math.floor(((k + 0.5) * sorted.length) / size)]! * 4;
    return [data[i]!, data[i + 1]!, data[i + 2]!];
  });
  const nearest = (i: number): number => {
    let [best, least] = [0, Infinity];
    const [r, g, b] = [data[i * 4]!, data[i * 4 + 1]!, data[i * 4 + 2]!];
    for (let k = 0; k < colours.length; k++) {
      const one = colours[k]!;
      const off = (r - one[0]!) ** 2 + (g - one[1]!) ** 2 + (b - one[2]!) ** 2;
      if (off < least) [best, least] = [k, off];
    }
    return best;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const sums = colours.map(() => [0, 0, 0, 0]);
    for (const i of sample) {
      const sum = sums[nearest(i)]!;
      for (let c = 0; c < 3; c++) sum[c]! += data[i * 4 + c]!;
      sum[3]!++;
    }
    colours = sums.map((sum, k) => (sum[3] ? [sum[0]! / sum[3], sum[1]! / sum[3], sum[2]! / sum[3]] : colours[k]!));
  }
  const index = new Uint8Array(n);
  for (let i = 0; i < n; i++) index[i] = nearest(i);
  return { index, colours };
}
