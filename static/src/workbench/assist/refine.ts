/** A cut that a person corrects click by click: each click says of one place that it belongs to the object or that it does
 * not. What looks like the place, near it, follows; the rest of the outline stays where it was. */
import { largest, withoutHoles } from "../geometry/flood.ts";
import { distance, fromSegment, type Point } from "../geometry/plane.ts";
import type { Raster } from "../geometry/raster.ts";
import { separated, type Cut } from "./cut.ts";

export interface Mark extends Point {
  belongs: boolean;
}

export const CLICKS = {
  /** Share of the box's shorter side: the disc around the click that is certain. */
  sure: 0.06,
  /** How far the click speaks for what is around it, in the same measure. */
  far: 0.3,
  /** How much it says beside the click itself, and by how much differing a colour (0 to 255) that becomes less. */
  says: 6,
  alike: 90,
  /** How much what was inside or outside before is to stay so, away from the click. */
  keeps: 2,
};
const CERTAIN = 1e6;

/** The cut with one more click, in pixels of the patch. `marks`: with this one, all that were made. */
export function corrected(cut: Cut, marks: readonly Mark[], clicks = CLICKS): Cut {
  const mark = marks.at(-1)!;
  const { seen, costs } = cut.grid;
  const { w, h, data } = seen;
  const side = Math.min(cut.box.w, cut.box.h);
  const [sure, far] = [Math.max(clicks.sure * side, 1.2), Math.max(clicks.far * side, 3)];
  const way = mark.belongs ? 1 : -1;
  const prior = cut.prior.slice();
  const shut = cut.shut.slice();
  const colour = colourAt(seen.data, w, h, mark);
  const root = mark.belongs ? nearest(cut.found, mark) : mark;
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++, i++) {
      const off = Math.hypot(x + 0.5 - mark.x, y + 0.5 - mark.y);
      const certain = Math.abs(prior[i]!) >= CERTAIN / 2;
      if (off <= sure || (mark.belongs && fromSegment({ x: x + 0.5, y: y + 0.5 }, mark, root) <= 0.8)) {
        // The newest word counts, and it may reach out of the box.
        prior[i] = way * CERTAIN;
        shut[i] = 0;
      } else if (!certain) {
        const unlike = Math.hypot(data[i * 4]! - colour[0], data[i * 4 + 1]! - colour[1], data[i * 4 + 2]! - colour[2]) / clicks.alike;
        const near = Math.exp(-((off / far) ** 2) / 2);
        prior[i]! += way * clicks.says * near * Math.exp(-(unlike ** 2) / 2) + (cut.found.data[i] ? 1 : -1) * clicks.keeps * (1 - near);
        if (way > 0 && off <= far) shut[i] = 0;
      }
    }
  }
  const inside: Raster = { x: 0, y: 0, w, h, data: separated(seen, costs, cut.evidence, prior, shut, cut.bias) };
  const yes = marks.filter(({ belongs }) => belongs);
  const part = largest(inside, yes) ?? cut.found;
  return { ...cut, prior, shut, found: filled(part, marks) };
}

/** Holes are closed, but for those that a click made. */
function filled(part: Raster, marks: readonly Mark[]): Raster {
  const whole = withoutHoles(part);
  if (whole === part) return part;
  const no = marks.filter(({ belongs, x, y }) => !belongs && whole.data[at(part, x, y)] && !part.data[at(part, x, y)]);
  if (!no.length) return whole;
  const holes: Raster = { ...part, data: whole.data.map((value, i) => (value && !part.data[i] ? 1 : 0)) };
  const data = whole.data.slice();
  for (const mark of no) largest(holes, [mark])!.data.forEach((value, i) => value && (data[i] = 0));
  return { ...part, data };
}

function at({ w, h }: Raster, x: number, y: number): number {
  return Math.min(Math.max(Math.floor(y), 0), h - 1) * w + Math.min(Math.max(Math.floor(x), 0), w - 1);
}

/** The mean of the pixels about the place: one alone may be grain. */
function colourAt(data: Uint8ClampedArray, w: number, h: number, { x, y }: Point): [number, number, number] {
  const sum = [0, 0, 0, 0];
  for (let row = Math.max(Math.floor(y) - 1, 0); row <= Math.min(Math.floor(y) + 1, h - 1); row++) {
    for (let column = Math.max(Math.floor(x) - 1, 0); column <= Math.min(Math.floor(x) + 1, w - 1); column++) {
      for (let c = 0; c < 3; c++) sum[c]! += data[(row * w + column) * 4 + c]!;
      sum[3]!++;
    }
  }
  return [sum[0]! / sum[3]!, sum[1]! / sum[3]!, sum[2]! / sum[3]!];
}

/** The middle of the covered pixel that is nearest: what is added hangs together with what was there. */
function nearest({ w, data }: Raster, from: Point): Point {
  let [best, least] = [from, Infinity];
  data.forEach((value, i) => {
    if (!value) return;
    const point = { x: (i % w) + 0.5, y: Math.floor(i / w) + 0.5 };
    const off = distance(point, from);
    if (off < least) [best, least] = [point, off];
  });
  return best;
}
