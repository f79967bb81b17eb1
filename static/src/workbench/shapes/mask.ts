/** Masks: an area of pixels, moved by whole ones; changed by the brush and its like (tools/brush.ts), not by handles. */
import { clamp, type Point } from "../geometry/plane.ts";
import { rings } from "../geometry/contour.ts";
import { covers } from "../geometry/raster.ts";
import type { MaskObject } from "../sync/bundle.ts";
import { frameOf, movedBy, pixelsOfMask } from "./pixels.ts";
import { register, type Shape } from "./shape.ts";

/** Outlines by the raster they were traced from: zooming traces none anew. */
const traced = new WeakMap<object, Point[][]>();

function outlineOf(object: MaskObject): Point[][] {
  const { raster } = pixelsOfMask(object);
  const known = traced.get(raster);
  if (known) return known;
  const made = rings(raster);
  traced.set(raster, made);
  return made;
}

/** While pixels change under the hand they have no outline: it would be traced anew in each frame. */
export function changing(raster: object): void {
  traced.set(raster, []);
}
export function changed(raster: object): void {
  traced.delete(raster);
}

const mask: Shape<MaskObject> = {
  kind: "mask",
  closed: true,
  bounds: (object) => frameOf(object).bounds,
  raster: (object) => pixelsOfMask(object).raster,
  hit: (object, { x, y }) => covers(pixelsOfMask(object).raster, Math.floor(x), Math.floor(y)),
  trace(context, object, toScreen) {
    for (const ring of outlineOf(object)) {
      ring.map(toScreen).forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
    }
  },
  moved(object, dx, dy, picture) {
    const { x, y, w, h } = frameOf(object).bounds;
    const ddx = clamp(Math.round(dx), -x, picture.w - x - w);
    const ddy = clamp(Math.round(dy), -y, picture.h - y - h);
    return ddx || ddy ? movedBy(object, ddx, ddy) : object;
  },
  handles: () => [],
  dragged: (object) => object,
  measure: (object) => `${frameOf(object).area} px`,
  numbers: () => ({}),
  withNumber: (object) => object,
  sized: (object) => object,
};

register(mask);
