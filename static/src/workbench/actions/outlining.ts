/** The quick outline: a box becomes the object in it, as a polygon or a mask. Found in the browser, by colours and edges. */
import type { Bench } from "../bench.ts";
import { framed, outlineIn, sizeFor } from "../assist/outline.ts";
import type { Outline } from "../geometry/contour.ts";
import { clampPoint, type Point, type Rect } from "../geometry/plane.ts";
import { rasterOf } from "../geometry/raster.ts";
import { adopt, encoded, type Pixels } from "../shapes/pixels.ts";
import { shapeOf } from "../shapes/shape.ts";
import { labelOf } from "../state/schema.ts";
import type { Step } from "../state/patch.ts";
import type { AnyObject, MaskObject } from "../sync/bundle.ts";
import { addObject } from "./drawing.ts";
import { ringOf } from "./masks.ts";

/** What the label lets an outline be: the kind that is set, where it has the choice. */
function kindFor(bench: Bench, name: string): "polygon" | "mask" | null {
  const kinds = labelOf(bench.schema, name)?.kinds ?? [];
  const wanted = bench.ui.painting.makes.peek();
  if (kinds.includes(wanted)) return wanted;
  return kinds.includes("polygon") ? "polygon" : kinds.includes("mask") ? "mask" : null;
}

function find(bench: Bench, box: Rect): Outline | null {
  const frame = framed(box, bench.viewport.picture);
  const patch = frame.w && frame.h ? bench.stage?.sample(frame, sizeFor(frame)) : null;
  return patch ? outlineIn(patch, frame, box, bench.ui.painting.tolerance.peek()) : null;
}

/** The fields of a polygon or a mask with this outline; a mask comes with its pixels. */
function fieldsOf(bench: Bench, kind: "polygon" | "mask", { ring, holes }: Outline): { fields: Record<string, unknown>; pixels?: Pixels } | null {
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
  const stored = bench.store.current.peek();
  if (made.pixels && stored?.kind === "mask") adopt(stored, made.pixels);
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
    steps.push({ op: "put", object: next });
  }
  if (steps.length) bench.store.change(steps);
  if (missed) bench.tell("outline_none", "warn");
}
