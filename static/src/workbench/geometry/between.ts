/** Where a thing is between two frames in which somebody showed it: linear, kind by kind, where the two shapes answer each other. */
import type { AnyObject, BoxObject, OtherObject } from "../sync/bundle.ts";
import { rounded } from "./plane.ts";

type Row = number[];
const NOT_LABELLED = 0; // visibility of a keypoint that has no place

/** The end is met to the last digit; what lies between is rounded. */
function mixed(a: number, b: number, t: number): number {
  if (a === b) return a;
  return t === 1 ? b : rounded(a + (b - a) * t);
}

/** A length: rounding takes none to nothing, which would be no shape any more. */
function length(a: number, b: number, t: number): number {
  return mixed(a, b, t) || a + (b - a) * t;
}

/** Degrees in [0, 360), the shorter way round. */
function turning(a: number, b: number, t: number): number {
  const whole = (degrees: number): number => ((degrees % 360) + 360) % 360;
  const [from, to] = [whole(a), whole(b)];
  const way = whole(to - from + 180) - 180;
  return t === 1 ? to : whole(mixed(from, from + way, t));
}

function boxes(a: BoxObject, b: BoxObject, t: number): BoxObject {
  const { rotation: _, ...upright } = a;
  const [[ax, ay, aw, ah], [bx, by, bw, bh]] = [a.box, b.box];
  const made: BoxObject = { ...upright, box: [mixed(ax, bx, t), mixed(ay, by, t), length(aw, bw, t), length(ah, bh, t)] };
  const rotation = turning(a.rotation ?? 0, b.rotation ?? 0, t);
  return rotation ? { ...made, rotation } : made;
}

/** What stands after x and y, a keypoint's visibility, is of a; a point that either side does not show stays as in a. */
function rows(a: readonly Row[], b: readonly Row[], t: number): Row[] {
  return a.map((row, index) => {
    const other = b[index]!;
    if (row[2] === NOT_LABELLED || other[2] === NOT_LABELLED) return row;
    return [mixed(row[0]!, other[0]!, t), mixed(row[1]!, other[1]!, t), ...row.slice(2)];
  });
}

/** A ring on its way to one that runs the other way round can fold up to a line, which is no polygon. */
function flat(ring: readonly Row[]): boolean {
  const twice = ring.reduce((sum, [x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length]!;
    return sum + x! * ny! - nx! * y!;
  }, 0);
  return Math.abs(twice) <= 1e-6;
}

function outlines(a: OtherObject, b: OtherObject, t: number): OtherObject {
  const rings = (object: OtherObject): Row[][] => [(object.points as Row[] | undefined) ?? [], ...((object.holes as Row[][] | undefined) ?? [])];
  const [from, to] = [rings(a), rings(b)];
  if (from.length !== to.length || from.some((ring, index) => ring.length !== to[index]!.length)) return a;
  const made = from.map((ring, index) => rows(ring, to[index]!, t));
  if (a.kind === "polygon" && made.some(flat)) return a;
  const [points, ...holes] = made;
  return { ...a, points, ...(holes.length ? { holes } : {}) };
}

/** The geometry at `t`, 0 (a's) to 1 (b's); the id and all else is of `a`, and so is the geometry where none lies between: two kinds,
 * unlike numbers of points, masks, and what is no shape. */
export function between(a: AnyObject, b: AnyObject, t: number): AnyObject {
  if (t === 0) return { ...a };
  if (a.kind === "box" && b.kind === "box") return boxes(a, b, t);
  if (a.kind !== b.kind || !("points" in a)) return { ...a };
  return { ...outlines(a, b as OtherObject, t) };
}
