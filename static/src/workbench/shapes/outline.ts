/** Polygons, lines, points and keypoints: shown, hit and moved whole; their own tools come with their own files. */
import { clamp, fromSegment, inPolygon, rectOf, rounded, type Point } from "../geometry/plane.ts";
import type { AnyObject, OtherObject } from "../sync/bundle.ts";
import { register, type Shape } from "./shape.ts";

type Row = [number, number, ...number[]];
const DOT = 4; // radius on the screen

function rows(object: OtherObject, field = "points"): Row[] {
  return (object[field] as Row[] | undefined) ?? [];
}
/** Keypoints carry a visibility; 0 means "not labelled", which has no place. */
function points(object: OtherObject): Point[] {
  return rows(object).filter((row) => row[2] !== 0).map(([x, y]) => ({ x, y }));
}
function rings(object: OtherObject): Point[][] {
  const holes = (object.holes as Row[][] | undefined) ?? [];
  return [points(object), ...holes.map((hole) => hole.map(([x, y]) => ({ x, y })))];
}
function shift(row: Row, dx: number, dy: number): Row {
  const [x, y, ...rest] = row;
  return [rounded(x + dx), rounded(y + dy), ...rest];
}

function outline(kind: OtherObject["kind"], closed: boolean, joined: boolean): Shape<OtherObject> {
  const shape: Shape<OtherObject> = {
    kind,
    closed,
    bounds: (object) => {
      const all = points(object);
      return all.length ? rectOf(all) : { x: 0, y: 0, w: 0, h: 0 };
    },
    hit(object, at, slack) {
      const all = points(object);
      if (closed) return rings(object).filter((ring) => inPolygon(at, ring)).length % 2 === 1;
      if (!joined) return all.some((point) => Math.hypot(point.x - at.x, point.y - at.y) <= slack * 2);
      return all.some((point, i) => i > 0 && fromSegment(at, all[i - 1]!, point) <= slack);
    },
    trace(context, object, toScreen) {
      for (const ring of joined ? rings(object) : []) {
        ring.map(toScreen).forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
        if (closed) context.closePath();
      }
      if (joined) return;
      for (const { x, y } of points(object).map(toScreen)) {
        context.moveTo(x + DOT, y);
        context.arc(x, y, DOT, 0, 2 * Math.PI);
      }
    },
    moved(object, dx, dy, picture) {
      const around = shape.bounds(object);
      const ddx = clamp(dx, Math.min(-around.x, 0), Math.max(picture.w - around.x - around.w, 0));
      const ddy = clamp(dy, Math.min(-around.y, 0), Math.max(picture.h - around.y - around.h, 0));
      const next = { ...object, points: rows(object).map((row) => shift(row, ddx, ddy)) };
      const holes = object.holes as Row[][] | undefined;
      return holes ? { ...next, holes: holes.map((hole) => hole.map((row) => shift(row, ddx, ddy))) } : next;
    },
    handles: () => [],
    dragged: (object) => object,
    measure: (object) => `${rows(object).length} pt`,
    numbers: () => ({}),
    withNumber: (object) => object,
    sized: (object) => object,
  };
  return shape;
}

for (const [kind, closed, joined] of [
  ["polygon", true, true], ["polyline", false, true], ["point", false, false], ["keypoints", false, false],
] as const) {
  register<AnyObject>(outline(kind, closed, joined) as unknown as Shape);
}
