/** Polygons with holes, lines, points and keypoints: shown, hit, moved, and edited point by point. */
import { clamp, clampPoint, fromSegment, inPolygon, rectOf, rounded, within, type Point, type Size } from "../geometry/plane.ts";
import type { AnyObject, OtherObject } from "../sync/bundle.ts";
import { register, type Handle, type Shape } from "./shape.ts";

export type Row = [number, number, ...number[]];
const DOT = 4; // radius on the screen
const SEEN = 2; // visibility of a keypoint: 0 not labelled, 1 covered, 2 seen

export function rowsOf(object: AnyObject): Row[] {
  return ((object as OtherObject).points as Row[] | undefined) ?? [];
}
export function holesOf(object: AnyObject): Row[][] {
  return ((object as OtherObject).holes as Row[][] | undefined) ?? [];
}
/** Keypoints carry a visibility; 0 means "not labelled", which has no place. */
function placed(row: Row): boolean {
  return row[2] !== 0;
}
function points(object: OtherObject): Point[] {
  return rowsOf(object).filter(placed).map(([x, y]) => ({ x, y }));
}
function rings(object: OtherObject): Point[][] {
  return [points(object), ...holesOf(object).map((hole) => hole.map(([x, y]) => ({ x, y })))];
}
export function rowOf({ x, y }: Point, ...rest: number[]): Row {
  return [rounded(x), rounded(y), ...rest];
}
/** The same object with each placed point sent through `to`. */
function mapped(object: OtherObject, to: (point: Point) => Point): OtherObject {
  const row = (one: Row): Row => (placed(one) ? rowOf(to({ x: one[0], y: one[1] }), ...one.slice(2)) : one);
  const next = { ...object, points: rowsOf(object).map(row) };
  return object.holes ? { ...next, holes: holesOf(object).map((hole) => hole.map(row)) } : next;
}

/** A handle's name: "p3" point 3, "n3" a new one after point 3; "2p0" the same in hole 2. */
interface Named {
  hole: number | null;
  fresh: boolean;
  index: number;
}
export function readHandle(name: string): Named | null {
  const found = /^(\d*)([pn])(\d+)$/.exec(name);
  return found && { hole: found[1] ? Number(found[1]) : null, fresh: found[2] === "n", index: Number(found[3]) };
}
function ringAt(object: OtherObject, hole: number | null): Row[] {
  return hole === null ? rowsOf(object) : (holesOf(object)[hole] ?? []);
}
function withRing(object: OtherObject, hole: number | null, ring: Row[]): OtherObject {
  if (hole === null) return { ...object, points: ring };
  return { ...object, holes: holesOf(object).map((one, index) => (index === hole ? ring : one)) };
}

function handlesOf(object: OtherObject, closed: boolean, joined: boolean): Handle[] {
  const found: Handle[] = [];
  const add = (ring: Row[], prefix: string): void => {
    ring.forEach((row, index) => {
      if (placed(row)) found.push({ name: `${prefix}p${index}`, at: { x: row[0], y: row[1] }, cursor: "move", look: "dot" });
      const next = ring[index + 1] ?? (closed ? ring[0] : undefined);
      if (joined && next) found.push({ name: `${prefix}n${index}`, at: { x: (row[0] + next[0]) / 2, y: (row[1] + next[1]) / 2 }, cursor: "copy", look: "new" });
    });
  };
  add(rowsOf(object), "");
  holesOf(object).forEach((hole, index) => add(hole, String(index)));
  return found;
}

function outline(kind: OtherObject["kind"], closed: boolean, joined: boolean): Shape<OtherObject> {
  const least = closed ? 3 : joined ? 2 : 1;
  const shape: Shape<OtherObject> = {
    kind,
    closed,
    bounds: (object) => {
      const all = points(object);
      return all.length ? rectOf(all) : { x: 0, y: 0, w: 0, h: 0 };
    },
    hit(object, at, slack) {
      const all = points(object);
      if (closed) {
        if (rings(object).filter((ring) => inPolygon(at, ring)).length % 2 === 1) return true;
        return rings(object).some((ring) => ring.some((point, i) => fromSegment(at, ring.at(i - 1)!, point) <= slack));
      }
      if (joined) return all.some((point, i) => i > 0 && fromSegment(at, all[i - 1]!, point) <= slack);
      if (all.some((point) => Math.hypot(point.x - at.x, point.y - at.y) <= slack * 2)) return true;
      return kind === "keypoints" && all.length > 1 && within(shape.bounds(object), at);
    },
    trace(context, object, toScreen, edges) {
      if (joined) {
        for (const ring of rings(object)) {
          ring.map(toScreen).forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
          if (closed) context.closePath();
        }
        return;
      }
      const rows = rowsOf(object);
      for (const [from, to] of edges ?? []) {
        const [a, b] = [rows[from], rows[to]];
        if (!a || !b || !placed(a) || !placed(b)) continue;
        const [start, end] = [toScreen({ x: a[0], y: a[1] }), toScreen({ x: b[0], y: b[1] })];
        context.moveTo(start.x, start.y);
        context.lineTo(end.x, end.y);
      }
      for (const row of rows.filter(placed)) {
        const { x, y } = toScreen({ x: row[0], y: row[1] });
        // What is covered is a ring, what is seen a dot: told apart without colour.
        const radius = row[2] === undefined || row[2] === SEEN ? DOT / 2 : DOT * 1.5;
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
    },
    moved(object, dx, dy, picture) {
      const around = shape.bounds(object);
      const ddx = clamp(dx, Math.min(-around.x, 0), Math.max(picture.w - around.x - around.w, 0));
      const ddy = clamp(dy, Math.min(-around.y, 0), Math.max(picture.h - around.y - around.h, 0));
      return mapped(object, ({ x, y }) => ({ x: x + ddx, y: y + ddy }));
    },
    fitted(object, from, to) {
      const [kx, ky] = [from.w ? to.w / from.w : 1, from.h ? to.h / from.h : 1];
      return mapped(object, ({ x, y }) => ({ x: to.x + (x - from.x) * kx, y: to.y + (y - from.y) * ky }));
    },
    handles: (object) => handlesOf(object, closed, joined),
    dragged(object, handle, to, picture) {
      const name = readHandle(handle);
      if (!name) return object;
      const ring = ringAt(object, name.hole).slice();
      const at = clampPoint(to, picture);
      if (name.fresh) ring.splice(name.index + 1, 0, rowOf(at));
      else ring[name.index] = rowOf(at, ...(ring[name.index]?.slice(2) ?? []));
      return withRing(object, name.hole, ring);
    },
    without(object, handle) {
      const name = readHandle(handle);
      if (!name || name.fresh) return null;
      const ring = ringAt(object, name.hole);
      if (kind === "keypoints") {
        const left = ring.map((row, index): Row => (index === name.index ? [0, 0, 0] : row));
        return left.some(placed) ? { ...object, points: left } : null;
      }
      const left = ring.filter((_, index) => index !== name.index);
      if (left.length >= (name.hole === null ? least : 3)) return withRing(object, name.hole, left);
      if (name.hole === null) return null;
      // The last three points of a hole: the hole is filled.
      const { holes: _, ...filled } = object;
      const holes = holesOf(object).filter((_one, index) => index !== name.hole);
      return (holes.length ? { ...filled, holes } : filled) as OtherObject;
    },
    measure: (object) => (kind === "keypoints" ? `${points(object).length} / ${rowsOf(object).length}` : `${rowsOf(object).length + holesOf(object).flat().length} pt`),
    numbers(object) {
      const { x, y } = shape.bounds(object);
      return { x, y };
    },
    withNumber(object, name, value, picture) {
      const { x, y } = shape.bounds(object);
      return shape.moved(object, name === "x" ? value - x : 0, name === "y" ? value - y : 0, picture);
    },
    sized(object, dw, dh, picture) {
      const from = shape.bounds(object);
      if (kind === "point") return object;
      const to = { ...from, w: grownTo(from.x, from.w, dw, picture.w), h: grownTo(from.y, from.h, dh, picture.h) };
      return shape.fitted!(object, from, to);
    },
  };
  if (joined) shape.lines = (object) => rings(object).map((ring) => ({ points: ring, closed }));
  return shape;
}

/** The next length: not under a pixel, not over the picture's end; a flat one stays flat. */
function grownTo(low: number, length: number, by: number, end: number): number {
  return length ? clamp(length + by, Math.min(1, length), Math.max(end - low, length)) : 0;
}

/** Whether a ring spans any area: the server refuses one that does not. */
export function hasArea(ring: readonly Point[]): boolean {
  const twice = ring.reduce((sum, { x, y }, i) => {
    const next = ring[(i + 1) % ring.length]!;
    return sum + x * next.y - next.x * y;
  }, 0);
  return ring.length >= 3 && Math.abs(twice) > 1e-6;
}

/** Whether each point lies in the picture. */
export function inPicture(ring: readonly Point[], picture: Size): boolean {
  return ring.every((point) => within({ x: 0, y: 0, ...picture }, point));
}

for (const [kind, closed, joined] of [
  ["polygon", true, true], ["polyline", false, true], ["point", false, false], ["keypoints", false, false],
] as const) {
  register<AnyObject>(outline(kind, closed, joined) as unknown as Shape);
}
