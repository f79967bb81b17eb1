/** Answers of several people laid over each other: what they agree on, and the places where they do not. Pure. */
import { shapeOf } from "../shapes/shape.ts";
import type { AnnotationDocument, AnyObject, Bundle } from "../sync/bundle.ts";
import { boxOverlap } from "./changes.ts";

export interface Side {
  label: string;
  objects: readonly AnyObject[];
}
/** One place of disagreement: what each side has there, in the order of the sides; perhaps nothing. */
export interface Dispute {
  has: readonly (readonly AnyObject[])[];
}
export interface Sides {
  names: readonly string[];
  /** Objects that all have, as the first side drew them. */
  agreed: readonly AnyObject[];
  disputes: readonly Dispute[];
}
export const NO_SIDES: Sides = { names: [], agreed: [], disputes: [] };
const SAME = 0.9;
const NEAR = 0.1;

type Box = [number, number, number, number];
function boxOf(object: AnyObject): Box | null {
  const bounds = shapeOf(object)?.bounds(object);
  return bounds ? [bounds.x, bounds.y, bounds.w, bounds.h] : null;
}

/** 0 to 1 by their upright bounds; objects without a place are alike when they say the same. */
export function likeness(one: AnyObject, other: AnyObject): number {
  const [a, b] = [boxOf(one), boxOf(other)];
  if (a && b) {
    if (a[2] * a[3] > 0 && b[2] * b[3] > 0) return boxOverlap(a, b);
    return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) + Math.abs(a[3] - b[3]) <= 4 ? 1 : 0;
  }
  if (one.kind === "span" && other.kind === "span") {
    const [left, right] = [one as unknown as { start: number; end: number }, other as unknown as { start: number; end: number }];
    const shared = Math.min(left.end, right.end) - Math.max(left.start, right.start);
    return shared <= 0 ? 0 : shared / (Math.max(left.end, right.end) - Math.min(left.start, right.start));
  }
  return 0;
}

function agree(one: AnyObject, other: AnyObject): boolean {
  const values = (object: AnyObject): string => JSON.stringify(Object.entries(object.attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  return one.kind === other.kind && one.label === other.label && likeness(one, other) >= SAME && values(one) === values(other);
}

/** Each object of the first side that every other has too is agreed; the rest is gathered into places by overlap. */
export function compared(sides: readonly Side[]): Sides {
  const left = sides.map(({ objects }) => new Set(objects));
  const agreed: AnyObject[] = [];
  for (const one of sides[0]?.objects ?? []) {
    const twins = left.slice(1).map((rest) => [...rest].filter((other) => agree(one, other)).sort((a, b) => likeness(one, b) - likeness(one, a))[0]);
    if (twins.some((twin) => !twin)) continue;
    agreed.push(one);
    left[0]!.delete(one);
    twins.forEach((twin, index) => left[index + 1]!.delete(twin!));
  }
  const loose = left.flatMap((rest, side) => [...rest].map((object) => ({ object, side, place: -1 })));
  let places = 0;
  for (const first of loose) {
    if (first.place >= 0) continue;
    first.place = places++;
    // An object takes in what it overlaps of the other sides, and so on from there.
    for (const open = [first]; open.length; ) {
      const one = open.pop()!;
      for (const other of loose) {
        if (other.place >= 0 || other.side === one.side || likeness(one.object, other.object) < NEAR) continue;
        other.place = one.place;
        open.push(other);
      }
    }
  }
  const disputes = Array.from({ length: places }, (_, place): Dispute => ({
    has: sides.map((_side, side) => loose.filter((one) => one.place === place && one.side === side).map(({ object }) => object)),
  }));
  return { names: sides.map(({ label }) => label), agreed, disputes };
}

export function sidesOf(bundle: Bundle): Sides {
  return bundle.answers?.length ? compared(bundle.answers.map(({ label, annotation }) => ({ label, objects: annotation.objects }))) : NO_SIDES;
}

/** Where an adjudicator begins: with what all agree on. */
export function agreedOn(bundle: Bundle): AnnotationDocument {
  return { objects: [...sidesOf(bundle).agreed], item: bundle.annotation?.item ?? {} };
}

/** Which side a document took at each place, where it took exactly one: work that goes on from a draft. */
export function takenBy({ disputes }: Sides, document: AnnotationDocument): Map<number, number> {
  const there = new Set(document.objects.map(({ id }) => id));
  const found = new Map<number, number>();
  disputes.forEach(({ has }, at) => {
    const whole = has.map((objects) => objects.length > 0 && objects.every(({ id }) => there.has(id)));
    const some = has.map((objects) => objects.some(({ id }) => there.has(id)));
    if (whole.filter(Boolean).length === 1 && some.filter(Boolean).length === 1) found.set(at, whole.indexOf(true));
  });
  return found;
}
