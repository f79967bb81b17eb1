/** From a box to what is in it: colours inside against colours outside, edges of the picture, and the cheapest border between
 * the two (GrabCut with histograms; Rother, Kolmogorov, Blake 2004). Needs no network and no learning beforehand. */
import { largest, withoutHoles } from "../geometry/flood.ts";
import type { Rect } from "../geometry/plane.ts";
import { overlap, tight, type Raster } from "../geometry/raster.ts";
import { palette, type Palette, type Patch } from "./colours.ts";
import { Flow } from "./flow.ts";

export const SETTINGS = {
  rounds: 2,
  /** How dear a border is where the picture is even, against the evidence of one pixel's colour. */
  smooth: 5,
  /** How much more likely the middle of the box is inside than its rim. */
  middle: 4,
  /** Share of the box's side by which the object may reach out of it: boxes are drawn by hand. */
  slack: 0.04,
  /** Colours that are alike lend each other this share of their counts, by distance. */
  spread: 16,
  /** Below 1 the dark end of the brightness is spread out more. */
  gamma: 0.5,
  /** How much greedier (or shyer) the further cuts are. */
  biases: [1, 2.5],
  /** A greedier cut must fill the box better by this much for each unit. */
  shy: 0.005,
  /** A cut that agrees with the box this well needs no other. */
  enough: 0.94,
};
export type Settings = typeof SETTINGS;
const HARD = 1e6;
/** Direction of the flow, its step, and how much a border there counts. */
const FORWARD = [[4, 1, 0, 1], [5, -1, 1, Math.SQRT1_2], [6, 0, 1, 1], [7, 1, 1, Math.SQRT1_2]] as const;

/** The object in the box, as pixels of the patch; null when none is found. `box` in pixels of the patch. */
export function cutOut(patch: Patch, box: Rect, settings: Settings = SETTINGS): Raster | null {
  return begun(patch, box, settings)?.found ?? null;
}

/** A cut and what it was made of, so that a person's marks can be added to it. */
export interface Cut {
  found: Raster;
  grid: { seen: Patch; colours: Palette; costs: Flow["links"]; settings: Settings };
  box: Rect;
  evidence: Evidence;
  /** Per pixel, what speaks for inside beside its colour. */
  prior: Float32Array;
  /** What is never inside. */
  shut: Uint8Array;
  bias: number;
}

/** The cut for a box without any marks. */
export function begun(patch: Patch, box: Rect, settings: Settings = SETTINGS): Cut | null {
  const { w, h } = patch;
  const seen = stretched(patch, settings.gamma);
  const colours = palette(seen);
  const [cx, cy] = [box.x + box.w / 2, box.y + box.h / 2];
  const [rx, ry] = [box.w / 2, box.h / 2];
  const reach = 1 + 2 * settings.slack;
  const shut = new Uint8Array(w * h);
  const prior = new Float32Array(w * h);
  let inside: Uint8Array = new Uint8Array(w * h);
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      const [u, v] = [(x + 0.5 - cx) / rx, (y + 0.5 - cy) / ry];
      const round = u * u + v * v;
      if (Math.abs(u) > reach || Math.abs(v) > reach) shut[i] = 1;
      prior[i] = settings.middle * (1 - round);
      if (round < 0.7) inside[i] = 1;
    }
  }
  const costs = borders(seen, settings.smooth);
  let evidence = likelihood(colours, inside, shut, settings);
  for (let round = 0; round < settings.rounds; round++) {
    const next = separated(seen, costs, evidence, prior, shut, 0);
    if (same(next, inside)) break;
    inside = next;
    evidence = likelihood(colours, inside, shut, settings);
  }
  // A person draws a box so that the object touches its sides: when it does not, greedier or shyer cuts are tried, and
  // that which fills the box best is taken.
  let best = fitting(inside, box, w, h);
  let taken = 0;
  const small = !best || best.around.w * best.around.h < box.w * box.h;
  for (const step of best && best.fills > settings.enough ? [] : settings.biases) {
    const bias = small ? step : -step;
    const found = fitting(separated(seen, costs, evidence, prior, shut, bias), box, w, h);
    if (found && (!best || found.fills - settings.shy * step > best.fills)) [best, taken] = [found, bias];
  }
  return best && { found: withoutHoles(best.found), grid: { seen, colours, costs, settings }, box, evidence, prior, shut, bias: taken };
}

/** The largest part of what is inside, the rectangle around it, and how well that agrees with the box. */
function fitting(data: Uint8Array, box: Rect, w: number, h: number): { found: Raster; around: Rect; fills: number } | null {
  const found = largest({ x: 0, y: 0, w, h, data });
  const around = found && tight(found);
  return around && { found: found!, around, fills: alike(around, box) };
}

/** Shared area of two rectangles over the area of either. */
function alike(a: Rect, b: Rect): number {
  const both = overlap(a, b);
  const shared = both ? both.w * both.h : 0;
  return shared / (a.w * a.h + b.w * b.h - shared);
}

/** The patch with its range of brightness spread out, the dark end more: dim pictures have edges too. */
function stretched({ w, h, data }: Patch, gamma: number): Patch {
  const counts = new Float64Array(256);
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) counts[data[i + c]!]!++;
  const share = (part: number): number => {
    let left = part * w * h * 3;
    for (let value = 0; value < 256; value++) if ((left -= counts[value]!) <= 0) return value;
    return 255;
  };
  const [low, high] = [share(0.005), share(0.995)];
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => 255 * Math.max(0, Math.min(1, (value - low) / Math.max(high - low, 8))) ** gamma);
  return { w, h, data: data.map((value, i) => (i % 4 === 3 ? value : table[value]!)) };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((value, i) => value === b[i]);
}

/** Per colour, how much more it speaks for inside than for outside (logarithm). */
function likelihood({ index, colours }: Palette, inside: Uint8Array, shut: Uint8Array, { spread }: Settings): Evidence {
  const k = colours.length;
  const [ours, theirs] = [new Float64Array(k), new Float64Array(k)];
  inside.forEach((value, i) => (value ? ours[index[i]!]!++ : theirs[index[i]!]!++));
  const smooth = (counts: Float64Array): number[] => {
    const made = colours.map((a) =>
      colours.reduce((sum, b, j) => {
        const off = Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!) / spread;
        return sum + (off < 4 ? counts[j]! * Math.exp(-off * off) : 0);
      }, 0.5),
    );
    const all = made.reduce((sum, one) => sum + one, 0);
    return made.map((one) => one / all);
  };
  const [a, b] = [smooth(ours), smooth(theirs)];
  return { index, weight: Float32Array.from(a, (one, i) => Math.max(-4, Math.min(4, Math.log(one / b[i]!)))) };
}

function apart(data: Uint8ClampedArray, a: number, b: number): number {
  const [r, g, c] = [data[a * 4]! - data[b * 4]!, data[a * 4 + 1]! - data[b * 4 + 1]!, data[a * 4 + 2]! - data[b * 4 + 2]!];
  return r * r + g * g + c * c;
}

/** One over twice the mean difference of neighbours: what counts as an edge in this picture. */
function contrast({ w, h, data }: Patch): number {
  let [sum, pairs] = [0, 0];
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      if (x + 1 < w) (sum += apart(data, i, i + 1)), pairs++;
      if (y + 1 < h) (sum += apart(data, i, i + w)), pairs++;
    }
  }
  return sum ? pairs / (2 * sum) : 0;
}

export interface Evidence {
  index: Uint8Array;
  weight: Float32Array;
}

/** What a border costs between each cell of the grid and its eight neighbours: less where the picture has an edge. */
function borders({ w, h, data }: Patch, smooth: number): Flow["links"] {
  const { width, ways, links } = new Flow(w, h);
  const beta = contrast({ w, h, data });
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      const cell = (y + 1) * width + x + 1;
      // Four of the eight directions; the way back is as dear.
      for (const [way, dx, dy, far] of FORWARD) {
        if (x + dx < 0 || x + dx >= w || y + dy >= h) continue;
        const dear = smooth * far * Math.exp(-beta * apart(data, i, i + dx + dy * w));
        links[cell * 8 + way] = dear;
        links[(cell + ways[way]!) * 8 + 7 - way] = dear;
      }
    }
  }
  return links;
}

/** The cheapest border between what speaks for inside and what for outside. `bias` speaks for inside everywhere. */
export function separated({ w, h }: Patch, costs: Flow["links"], { index, weight }: Evidence, prior: Float32Array, shut: Uint8Array, bias: number): Uint8Array {
  const flow = new Flow(w, h);
  const { width, ends } = flow;
  flow.links.set(costs);
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) ends[(y + 1) * width + x + 1] = shut[i] ? -HARD : weight[index[i]!]! + prior[i]! + bias;
  }
  flow.run();
  const inside = new Uint8Array(w * h);
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) if (flow.inside((y + 1) * width + x + 1)) inside[i] = 1;
  }
  return inside;
}
