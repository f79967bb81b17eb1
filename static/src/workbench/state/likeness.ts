/** How alike objects of two people are: whether they mean the same place, and whether they say the same about it. Pure. */
import { corners } from "../shapes/box.ts";
import { rowsOf, holesOf } from "../shapes/outline.ts";
import { shapeOf } from "../shapes/shape.ts";
import { distance, fromSegment, type Point } from "../geometry/plane.ts";
import { blank, fillRings, iou, type Raster } from "../geometry/raster.ts";
import type { AnyObject, Attributes, AttributeValue, BoxObject } from "../sync/bundle.ts";
import { boxOverlap, same } from "./changes.ts";

type Box = [number, number, number, number];
/** Shared area over area of either, from which on two hands have drawn the same. */
const SAME = 0.9;
/** Points this many pixels apart, or a twentieth of the object's extent, are the same. */
const CLOSE = 4;
/** Cells along the longer side when areas are compared. */
const CELLS = 192;

const boxes = new WeakMap<AnyObject, Box | null>();
function boxOf(object: AnyObject): Box | null {
  let found = boxes.get(object);
  if (found === undefined) {
    const bounds = shapeOf(object)?.bounds(object);
    boxes.set(object, (found = bounds ? [bounds.x, bounds.y, bounds.w, bounds.h] : null));
  }
  return found;
}

/** 0 to 1 by their upright bounds: whether they may be about one thing at all. */
export function likeness(one: AnyObject, other: AnyObject): number {
  const [a, b] = [boxOf(one), boxOf(other)];
  if (a && b) {
    if (a[2] * a[3] > 0 && b[2] * b[3] > 0) return boxOverlap(a, b);
    return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) + Math.abs(a[3] - b[3]) <= CLOSE ? 1 : 0;
  }
  if (one.kind === "span" && other.kind === "span") {
    const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
    return shared <= 0 ? 0 : shared / (Math.max(one.end, other.end) - Math.min(one.start, other.start));
  }
  return 0;
}

/** 0 to 1: shared area (of spans, letters) over that of either; null where neither has any, as points and lines. */
export function overlap(one: AnyObject, other: AnyObject): number | null {
  if (one.kind === "span" && other.kind === "span") return likeness(one, other);
  const [a, b] = [boxOf(one), boxOf(other)];
  if (!a || !b || [one.kind, other.kind].some((kind) => kind === "point" || kind === "keypoints" || kind === "polyline")) return null;
  if (!boxOverlap(a, b)) return 0;
  if (one.kind === "mask" && other.kind === "mask") return iou(shapeOf(one)!.raster!(one), shapeOf(other)!.raster!(other));
  if (one.kind === "mask" || other.kind === "mask" || (upright(one) && upright(other))) return boxOverlap(a, b);
  return iou(...areas(one, other));
}

const upright = (object: AnyObject): boolean => object.kind === "box" && !turned(object);

/** Whether two values say the same; of several options, whatever their order. */
export function equal(one: AttributeValue | undefined, other: AttributeValue | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) return same([...one].sort(), [...other].sort());
  return one === other;
}

/** Names of attributes that not all have with the same value, in the order they first occur. */
export function differing(values: readonly (Attributes | undefined)[]): string[] {
  const names = [...new Set(values.flatMap((some) => Object.keys(some ?? {})))];
  return names.filter((name) => values.some((some) => !equal(some?.[name], values[0]?.[name])));
}

/** `names`: ids of one side's objects in terms of another's, for what leads from object to object. */
export function agree(one: AnyObject, other: AnyObject, names: ReadonlyMap<string, string> = new Map()): boolean {
  if (one.kind !== other.kind || one.label !== other.label || differing([one.attributes, other.attributes]).length) return false;
  if (one.kind === "relation" && other.kind === "relation") return one.from === named(names, other.from) && one.to === named(names, other.to);
  return samePlace(one, other);
}

export function named(names: ReadonlyMap<string, string>, id: string): string {
  return names.get(id) ?? id;
}

function samePlace(one: AnyObject, other: AnyObject): boolean {
  if (one.kind === "span" && other.kind === "span") return one.start === other.start && one.end === other.end;
  if (one.kind === "point" || one.kind === "keypoints") return samePoints(one, other);
  if (one.kind === "polyline") return along(one, other) && along(other, one);
  if (likeness(one, other) < SAME) return false;
  if (one.kind === "mask") return iou(shapeOf(one)!.raster!(one), shapeOf(other)!.raster!(other)) >= SAME;
  if (one.kind === "box" && !turned(one) && !turned(other as BoxObject)) return true;
  return iou(...areas(one, other)) >= SAME;
}

const turned = (object: BoxObject): boolean => (object.rotation ?? 0) % 360 !== 0;
const reach = (object: AnyObject): number => {
  const [, , w, h] = boxOf(object) ?? [0, 0, 0, 0];
  return Math.max(CLOSE, Math.hypot(w, h) / 20);
};
const at = ([x, y]: readonly (number | null)[]): Point => ({ x: x ?? 0, y: y ?? 0 });

/** Point by point, each as visible as the other. */
function samePoints(one: AnyObject, other: AnyObject): boolean {
  const [left, right] = [rowsOf(one), rowsOf(other)];
  const close = reach(one);
  return left.length === right.length && left.every((row, index) => (row[2] ?? 2) === (right[index]![2] ?? 2) && distance(at(row), at(right[index]!)) <= close);
}

/** Whether all points of a line lie on the other. */
function along(one: AnyObject, other: AnyObject): boolean {
  const [points, line] = [rowsOf(one).map(at), rowsOf(other).map(at)];
  const close = reach(other);
  return points.every((point) => line.some((end, index) => index > 0 && fromSegment(point, line[index - 1]!, end) <= close));
}

/** Both as cells of one grid over all that they cover. */
function areas(one: AnyObject, other: AnyObject): [Raster, Raster] {
  const [a, b] = [boxOf(one)!, boxOf(other)!];
  const [x, y] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  const [w, h] = [Math.max(a[0] + a[2], b[0] + b[2]) - x, Math.max(a[1] + a[3], b[1] + b[3]) - y];
  const scale = CELLS / Math.max(w, h);
  const drawn = (object: AnyObject): Raster => {
    const raster = blank({ x: 0, y: 0, w: Math.max(1, Math.ceil(w * scale)), h: Math.max(1, Math.ceil(h * scale)) });
    const rings = object.kind === "box" ? [corners(object)] : [rowsOf(object), ...holesOf(object)].map((ring) => ring.map(at));
    fillRings(raster, rings.map((ring) => ring.map((point) => ({ x: (point.x - x) * scale, y: (point.y - y) * scale }))));
    return raster;
  };
  return [drawn(one), drawn(other)];
}
