/** Masks as objects: what a brush made is stored, polygons become masks and masks polygons. Each is one step back. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { outlines } from "../geometry/contour.ts";
import { withoutHoles } from "../geometry/flood.ts";
import { rounded, type Point } from "../geometry/plane.ts";
import { cut, rasterOf, type Raster } from "../geometry/raster.ts";
import { adopt, encoded, isMask, pixelsOfMask } from "../shapes/pixels.ts";
import { shapeOf } from "../shapes/shape.ts";
import { labelOf } from "../state/schema.ts";
import type { Step } from "../state/patch.ts";
import type { AnyObject, MaskObject } from "../sync/bundle.ts";
import { addObject } from "./drawing.ts";

type Pair = [number, number];
const LEAST = 4; // square pixels: smaller islands and holes are noise that a polygon does without

/** Stores pixels as the mask `base`, or as a new one of the label in the hand. An empty mask goes. */
export function store(bench: Bench, base: MaskObject | null, raster: Raster): void {
  const made = encoded(raster, bench.viewport.picture);
  if (!made) {
    if (base) bench.store.drop(base.id);
    return;
  }
  if (base) bench.reshape({ ...base, rle: made.rle });
  else if (!addObject(bench, "mask", { rle: made.rle })) return;
  const stored = base ? bench.store.byId.peek().get(base.id) : bench.store.current.peek();
  if (isMask(stored) && stored.rle === made.rle) adopt(stored, made.pixels);
}

/** The mask that the next stroke goes on with: the chosen one, unless it was just made and the next label is another. */
export function target(bench: Bench): MaskObject | null {
  const object = bench.editable();
  if (!isMask(object)) return null;
  const next = object.id === bench.ui.fresh.peek() && object.label !== bench.ui.label.peek();
  return next ? null : object;
}

/** Pixels of the other masks in sight, when they are to be left alone. */
export function others(bench: Bench, base: MaskObject | null): Raster[] {
  if (!bench.ui.painting.apart.peek()) return [];
  const hidden = bench.store.hidden.peek();
  return bench.store.document.peek().objects
    .filter((object): object is MaskObject => isMask(object) && object.id !== base?.id && !hidden.has(object.id))
    .map((object) => pixelsOfMask(object).raster);
}

export function fillHoles(bench: Bench): void {
  const object = bench.editable();
  if (!isMask(object)) return;
  const { raster } = pixelsOfMask(object);
  const whole = withoutHoles(raster);
  if (whole === raster) bench.tell("no_holes");
  else store(bench, object, whole);
}

/** The other way of drawing the chosen object: mask to polygons (one per part, the first keeps its name), polygon to mask. */
export function convert(bench: Bench): void {
  const object = bench.editable();
  if (!object) return;
  const to = isMask(object) ? "polygon" : "mask";
  if (!labelOf(bench.schema, object.label)?.kinds.includes(to)) return bench.tell("label_not_for", "warn", { label: object.label });
  const steps: Step[] = isMask(object) ? polygons(bench, object) : maskOf(bench, object);
  if (steps.length) bench.store.change(steps);
}

export function ringOf(points: readonly Point[]): Pair[] {
  return points.map(({ x, y }): Pair => [rounded(x), rounded(y)]);
}

function polygons(bench: Bench, object: MaskObject): Step[] {
  const { rle: _, ...rest } = object;
  const parts = outlines(pixelsOfMask(object).raster, bench.ui.painting.tolerance.peek(), LEAST);
  return parts.map(({ ring, holes }, index) => ({
    op: "put",
    object: {
      ...rest, id: index ? identifier() : object.id, kind: "polygon", points: ringOf(ring),
      ...(holes.length ? { holes: holes.map(ringOf) } : {}),
    } as AnyObject,
  }));
}

function maskOf(bench: Bench, object: AnyObject): Step[] {
  const { points, holes, ...rest } = object as unknown as { points: Pair[]; holes?: Pair[][] };
  const rings = [points, ...(holes ?? [])].map((ring) => ring.map(([x, y]) => ({ x, y })));
  const picture = bench.viewport.picture;
  const raster = rasterOf(rings, shapeOf(object)!.bounds(object), picture);
  const made = raster && encoded(raster, picture);
  if (!made) {
    bench.tell("mask_empty", "warn");
    return [];
  }
  const mask = { ...rest, kind: "mask", rle: made.rle } as unknown as MaskObject;
  adopt(mask, made.pixels);
  return [{ op: "put", object: mask }];
}

/** A copy of the pixels that may be changed. */
export function copyOf(object: MaskObject): Raster {
  const { raster } = pixelsOfMask(object);
  return cut(raster, raster);
}
