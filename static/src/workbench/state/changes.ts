/** What differs between two revisions, object by object: the same as annotate/labels/changes.py, held to the same cases. */
import type { AnnotationDocument, AnyObject } from "../sync/bundle.ts";

export type ChangeKind = "added" | "removed" | "relabelled" | "moved" | "attributes";
/** `id` is the object's, absent for the item's own attributes; `label` what it has now (had, when removed). */
export interface Change {
  id?: string;
  change: ChangeKind;
  label?: string;
  before?: unknown;
  after?: unknown;
  iou?: number;
}
type Values = Record<string, unknown>;
const SHAPE = ["kind", "box", "points", "holes", "rle", "start", "end", "from", "to"] as const;

export function changes(before: Partial<AnnotationDocument>, after: Partial<AnnotationDocument>): Change[] {
  const old = new Map((before.objects ?? []).map((one) => [one.id, one]));
  const now = new Map((after.objects ?? []).map((one) => [one.id, one]));
  const found: Change[] = [];
  for (const [id, one] of old) {
    const other = now.get(id);
    if (other) found.push(...between(one, other));
    else found.push({ id, change: "removed", label: one.label, before: one });
  }
  for (const [id, one] of now) if (!old.has(id)) found.push({ id, change: "added", label: one.label, after: one });
  found.push(...attributes({}, before.item ?? {}, after.item ?? {}));
  return found;
}

function between(old: AnyObject, now: AnyObject): Change[] {
  const [about, found] = [{ id: now.id, label: now.label }, [] as Change[]];
  if (old.label !== now.label) found.push({ ...about, change: "relabelled", before: old.label, after: now.label });
  const [was, is] = [shape(old), shape(now)];
  if (!same(was, is)) {
    const iou = overlap(was, is);
    found.push({ ...about, change: "moved", before: was, after: is, ...(iou === null ? {} : { iou }) });
  }
  return [...found, ...attributes(about, old.attributes ?? {}, now.attributes ?? {})];
}

/** What says where an object is. A rotation by whole turns is none, and so are no holes. */
function shape(object: AnyObject): Values {
  const given = object as unknown as Values;
  const made: Values = {};
  for (const name of SHAPE) {
    const value = given[name];
    if (value !== undefined && value !== null && !(Array.isArray(value) && !value.length)) made[name] = value;
  }
  const turn = given.rotation as number | undefined;
  if (turn && turn % 360) made.rotation = turn;
  return made;
}

function attributes(about: { id?: string; label?: string }, old: Values, now: Values): Change[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().filter((name) => !same(old[name], now[name]));
  if (!names.length) return [];
  const of = (values: Values): Values => Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  return [{ ...about, change: "attributes", before: of(old), after: of(now) }];
}

/** Equal as JSON is, whatever the order of names. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other || Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as Values, other as Values];
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => same(left[name], right[name]));
}

function overlap(was: Values, is: Values): number | null {
  if (!was.box || !is.box || was.rotation || is.rotation) return null;
  return boxOverlap(was.box as Box, is.box as Box);
}

type Box = readonly [number, number, number, number];
/** Intersection over union of boxes [x, y, width, height]: 0 apart, 1 the same. */
export function boxOverlap(one: Box, other: Box): number {
  const width = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return Math.min(1, shared / (one[2] * one[3] + other[2] * other[3] - shared));
}
