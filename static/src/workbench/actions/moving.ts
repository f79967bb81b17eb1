/** Moving, sizing and stepping through objects without the mouse. */
import type { Bench } from "../bench.ts";
import { shapeOf } from "../shapes/shape.ts";

export function nudge(bench: Bench, dx: number, dy: number): void {
  const object = bench.editable();
  if (!object) return bench.viewport.pan(-dx * 40, -dy * 40);
  bench.reshape(shapeOf(object)?.moved(object, dx, dy, bench.viewport.picture) ?? object, `nudge ${object.id}`);
}

export function resize(bench: Bench, dw: number, dh: number): void {
  const object = bench.editable();
  if (object) bench.reshape(shapeOf(object)?.sized(object, dw, dh, bench.viewport.picture) ?? object, `size ${object.id}`);
}

export function stepTo(bench: Bench, by: 1 | -1): void {
  bench.store.step(by);
  bench.ui.fresh.value = null;
  const object = bench.store.current.peek();
  const bounds = object && shapeOf(object)?.bounds(object);
  if (bounds) bench.viewport.keepInView(bounds);
}

export function zoomToObject(bench: Bench): void {
  const object = bench.store.current.peek();
  const bounds = object && shapeOf(object)?.bounds(object);
  if (bounds) bench.viewport.zoomOn(bounds);
}
