/** COCO's compressed run lengths, column by column (the server's rule, labels/masks.py), from and to pixels. */
import type { Rect, Size } from "../geometry/plane.ts";
import { blank, type Raster } from "../geometry/raster.ts";

/** Columns handled at a time: columns are strewn over memory, and so many lines fit the nearest cache. */
const STRIP = 32;
/** Bytes between the ends of columns: columns a power of two apart would push each other out of that cache. */
const GAP = 67;

/** Run lengths of the text, zeros first; an empty list when it is none. */
export function runs(counts: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < counts.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more && at < counts.length) {
      const group = counts.charCodeAt(at++) - 48;
      value |= (group & 0x1f) << shift;
      more = (group & 0x20) !== 0;
      shift += 5;
      if (!more && group & 0x10) value |= -1 << shift;
    }
    if (found.length > 2) value += found.at(-2)!;
    if (value < 0) return [];
    found.push(value);
  }
  return found;
}

/** The text of run lengths. */
export function textOf(lengths: readonly number[]): string {
  const out: string[] = [];
  lengths.forEach((run, index) => {
    let value = index > 2 ? run - lengths[index - 2]! : run;
    for (let more = true; more; ) {
      const group = value & 0x1f;
      value >>= 5;
      more = group & 0x10 ? value !== -1 : value !== 0;
      out.push(String.fromCharCode((more ? group | 0x20 : group) + 48));
    }
  });
  return out.join("");
}

/** Calls back with each stretch of covered pixels of one column: x, top, bottom (exclusive). */
function each(lengths: readonly number[], height: number, tell: (x: number, top: number, bottom: number) => void): void {
  let at = 0;
  lengths.forEach((length, index) => {
    const end = at + length;
    while (index % 2 && at < end) {
      const x = Math.floor(at / height);
      const stop = Math.min(end, (x + 1) * height);
      tell(x, at - x * height, stop - x * height);
      at = stop;
    }
    at = end;
  });
}

export function boundsOf(lengths: readonly number[], height: number): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  each(lengths, height, (x, from, to) => {
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, from);
    bottom = Math.max(bottom, to);
  });
  return right ? { x: left, y: top, w: right - left, h: bottom - top } : { x: 0, y: 0, w: 0, h: 0 };
}

export function areaOf(lengths: readonly number[]): number {
  return lengths.reduce((sum, length, index) => (index % 2 ? sum + length : sum), 0);
}

/** The pixels of runs, cut to `bounds` (see `boundsOf`). */
export function pixelsFrom(lengths: readonly number[], height: number, bounds: Rect): Raster {
  const raster = blank(bounds);
  const { x: left, y: top, w, h, data } = raster;
  const pitch = h + GAP;
  const strip = new Uint8Array(STRIP * pitch);
  let start = 0; // first column of the strip
  const flush = (): void => {
    const columns = Math.min(STRIP, w - start);
    for (let y = 0; y < h; y++) {
      for (let c = 0, to = y * w + start; c < columns; c++) data[to + c] = strip[c * pitch + y]!;
    }
    strip.fill(0);
  };
  each(lengths, height, (x, from, to) => {
    if (x - left >= start + STRIP) {
      flush();
      start += Math.floor((x - left - start) / STRIP) * STRIP;
    }
    const column = (x - left - start) * pitch - top;
    strip.fill(1, column + from, column + to);
  });
  if (w && h) flush();
  return raster;
}

/** Per column, the rows in which covered and not change over, in their order; a column that is never covered has none. Rows
 * are compared with the ones above, four pixels at a time where they lie so. */
function flips({ w, h, data }: Raster): (number[] | undefined)[] {
  const found: (number[] | undefined)[] = new Array(w);
  const flip = (x: number, y: number): unknown => (found[x] ??= []).push(y);
  const words = w % 4 === 0 && data.byteOffset % 4 === 0 ? new Uint32Array(data.buffer, data.byteOffset, (w * h) >> 2) : null;
  const wide = w >> 2;
  for (let y = 0; y < h; y++) {
    const row = y * w;
    for (let k = 0; k < (words ? wide : w); k++) {
      if (words) {
        if (words[y * wide + k] === (y ? words[(y - 1) * wide + k] : 0)) continue;
        for (let x = k * 4; x < k * 4 + 4; x++) if (data[row + x] !== (y ? data[row - w + x] : 0)) flip(x, y);
      } else if (data[row + k] !== (y ? data[row - w + k] : 0)) flip(k, y);
    }
  }
  for (let x = 0, last = (h - 1) * w; h && x < w; x++) if (data[last + x]) flip(x, h);
  return found;
}

/** Run lengths of pixels in a picture of `size`; what the raster does not reach is not covered. */
export function runsOf(raster: Raster, size: Size): number[] {
  const found: number[] = [];
  let end = 0; // where the last covered run ended, counted over the whole picture
  flips(raster).forEach((rows, column) => {
    const base = (raster.x + column) * size.h + raster.y;
    for (let i = 0; rows && i < rows.length; i += 2) {
      const [from, to] = [base + rows[i]!, base + rows[i + 1]!];
      if (found.length && from === end) found[found.length - 1]! += to - from;
      else found.push(from - end, to - from);
      end = to;
    }
  });
  const rest = size.w * size.h - end;
  if (rest || !found.length) found.push(rest);
  return found;
}

/** The runs of the same pixels moved by whole pixels; right only while nothing leaves the picture. */
export function shifted(lengths: readonly number[], by: number, pixels: number): number[] {
  const made = lengths.slice();
  if (made.length < 2) return made;
  if (made.length % 2 === 0) made.push(0);
  made[0]! += by;
  made[made.length - 1] = pixels - made.slice(0, -1).reduce((sum, one) => sum + one, 0);
  if (made.at(-1) === 0) made.pop();
  return made;
}
