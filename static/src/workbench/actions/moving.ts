/** Moving, sizing and stepping through objects without the mouse. */
import type { Bench } from "../bench.ts";
import { frameOf, movedTogether, sizedTogether } from "../shapes/group.ts";
import { shapeOf } from "../shapes/shape.ts";
import { nudgeVertex } from "./vertices.ts";

export function nudge(bench: Bench, dx: number, dy: number): void {
  if (nudgeVertex(bench, dx, dy)) return;
  const objects = bench.editables();
  if (!objects.length) return bench.viewport.pan(-dx * 40, -dy * 40);
  bench.reshapeAll(movedTogether(objects, dx, dy, bench.viewport.picture), `nudge ${objects.map(({ id }) => id).join()}`);
}

export function resize(bench: Bench, dw: number, dh: number): void {
  const objects = bench.editables();
  const [object] = objects;
  if (!object) return;
  const { picture } = bench.viewport;
  const sized = objects.length > 1 ? sizedTogether(objects, dw, dh, picture) : [shapeOf(object)?.sized(object, dw, dh, picture) ?? object];
  bench.reshapeAll(sized, `size ${objects.map(({ id }) => id).join()}`);
}

/** Turns a box about its centre. */
export function turn(bench: Bench, degrees: number): void {
  const object = bench.editable();
  const shape = object && shapeOf(object);
  const before = object && shape?.numbers(object).rotation;
  if (!object || !shape || before == null) return;
  bench.reshape(shape.withNumber(object, "rotation", before + degrees, bench.viewport.picture), `turn ${object.id}`);
}

export function stepTo(bench: Bench, by: 1 | -1): void {
  if (bench.hasText) return bench.text.step(by);
  bench.store.step(by);
  bench.ui.fresh.value = null;
  const object = bench.store.current.peek();
  const bounds = object && shapeOf(object)?.bounds(object);
  if (bounds) bench.viewport.keepInView(bounds);
}

export function zoomToObject(bench: Bench): void {
  if (bench.hasText && bench.store.current.peek()) return bench.text.show(bench.store.current.peek()!);
  const bounds = frameOf(bench.store.selection.peek());
  if (bounds) bench.viewport.zoomOn(bounds);
}
