/** The quick outline: a box becomes the object in it, as a polygon or a mask. Found in the browser, by colours and edges. */
import type { Bench } from "../bench.ts";
import { findIn, framed, marked, outlineOf, sizeFor, type Found } from "../assist/outline.ts";
import { clampPoint, within, type Point, type Rect } from "../geometry/plane.ts";
import { rasterOf } from "../geometry/raster.ts";
import { adopt, encoded, type Pixels } from "../shapes/pixels.ts";
import { shapeOf } from "../shapes/shape.ts";
import { labelOf } from "../state/schema.ts";
import type { Step } from "../state/patch.ts";
import type { AnyObject, MaskObject, OtherObject } from "../sync/bundle.ts";
import { addObject } from "./drawing.ts";
import { ringOf } from "./masks.ts";

/** What the label lets an outline be: the kind that is set, where it has the choice. */
function kindFor(bench: Bench, name: string): "polygon" | "mask" | null {
  const kinds = labelOf(bench.schema, name)?.kinds ?? [];
  const wanted = bench.ui.painting.makes.peek();
  if (kinds.includes(wanted)) return wanted;
  return kinds.includes("polygon") ? "polygon" : kinds.includes("mask") ? "mask" : null;
}

/** What an object was made of, as it stood then: undo and redo bring its marks along. */
const known = new WeakMap<AnyObject, Found>();

function find(bench: Bench, box: Rect): Found | null {
  const frame = framed(box, bench.viewport.picture);
  const patch = frame.w && frame.h ? bench.stage?.sample(frame, sizeFor(frame)) : null;
  return patch ? findIn(patch, frame, box) : null;
}

/** The fields of a polygon or a mask with this outline; a mask comes with its pixels. */
function fieldsOf(bench: Bench, kind: "polygon" | "mask", found: Found): { fields: Record<string, unknown>; pixels?: Pixels } | null {
  const outline = outlineOf(found, bench.ui.painting.tolerance.peek());
  if (!outline) return null;
  const { ring, holes } = outline;
  const { picture } = bench.viewport;
  const inside = (points: readonly Point[]): Point[] => points.map((point) => clampPoint(point, picture));
  if (kind === "polygon") return { fields: { points: ringOf(inside(ring)), ...(holes.length ? { holes: holes.map((hole) => ringOf(inside(hole))) } : {}) } };
  const raster = rasterOf([ring, ...holes], { x: 0, y: 0, ...picture }, picture);
  const made = raster && encoded(raster, picture);
  return made ? { fields: { rle: made.rle }, pixels: made.pixels } : null;
}

/** A new object around what is in the box. */
export function outline(bench: Bench, box: Rect): void {
  const kind = kindFor(bench, bench.ui.label.peek());
  if (!kind) return bench.tell("outline_label", "warn");
  const found = find(bench, box);
  const made = found && fieldsOf(bench, kind, found);
  if (!made) return bench.tell("outline_none", "warn");
  if (!addObject(bench, kind, made.fields)) return;
  const stored = bench.store.current.peek()!;
  if (made.pixels && stored.kind === "mask") adopt(stored, made.pixels);
  known.set(stored, found);
  bench.ui.refining.value = stored.id;
}

/** What the outline in the hand was found by, while clicks correct it. */
export function refined(bench: Bench): Found | null {
  const object = bench.ui.tool.value === "outline" ? bench.editable() : null;
  return object && object.id === bench.ui.refining.value ? (known.get(object) ?? null) : null;
}

/** Goes on correcting the chosen outline, when it was found here. */
export function refineAgain(bench: Bench): void {
  const object = bench.editable();
  if (object && known.has(object)) bench.ui.refining.value = object.id;
}

/** A click that says whether the place belongs to the object; false when it lies elsewhere. */
export function refine(bench: Bench, at: Point, belongs: boolean): boolean {
  const [object, before] = [bench.editable(), refined(bench)];
  if (!object || !before || !within(before.frame, at)) return false;
  const found = marked(before, { ...at, belongs });
  const made = fieldsOf(bench, object.kind as "polygon" | "mask", found);
  if (!made) {
    bench.tell("outline_small", "warn");
    return true;
  }
  const { holes: _, ...rest } = object as OtherObject;
  const next = { ...rest, ...made.fields } as AnyObject;
  if (made.pixels) adopt(next as MaskObject, made.pixels);
  known.set(next, found);
  bench.reshape(next);
  return true;
}

/** Keeps the outline as it is: clicks choose again. */
export function keepOutline(bench: Bench): boolean {
  const had = refined(bench) !== null;
  bench.ui.refining.value = null;
  return had;
}

/** Escape: the outline was not meant. */
export function dropOutline(bench: Bench): boolean {
  if (!refined(bench)) return false;
  bench.store.drop(bench.ui.refining.peek()!);
  bench.tell("outline_dropped");
  return true;
}

/** The chosen boxes become what is in them, each under its own id; one step back. */
export function outlineBoxes(bench: Bench): void {
  const steps: Step[] = [];
  let missed = 0;
  for (const object of bench.editables()) {
    const kind = kindFor(bench, object.label);
    const found = object.kind === "box" && kind && find(bench, shapeOf(object)!.bounds(object));
    const made = found && fieldsOf(bench, kind!, found);
    if (!made || object.kind !== "box") {
      missed++;
      continue;
    }
    const { box: _b, rotation: _r, ...rest } = object;
    const next = { ...rest, kind, ...made.fields } as AnyObject;
    if (made.pixels) adopt(next as MaskObject, made.pixels);
    known.set(next, found);
    steps.push({ op: "put", object: next });
  }
  if (steps.length) bench.store.change(steps);
  if (missed) bench.tell("outline_none", "warn");
}
