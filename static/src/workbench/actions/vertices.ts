/** One point of the chosen object at a time, by the keyboard: walked through, moved, put in, taken out. The ringed one is
 * what the arrows and Delete are about until Escape. */
import type { Bench } from "../bench.ts";
import { clampPoint } from "../geometry/plane.ts";
import { readHandle, rowsOf } from "../shapes/outline.ts";
import { shapeOf, type Handle } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";

/** The points in their order: vertices with those of the holes, or the corners of a box. */
function points(object: AnyObject): Handle[] {
  return (shapeOf(object)?.handles(object) ?? []).filter(({ name, look }) => look === "dot" || (!look && name.length === 2));
}

/** The one object whose points can be walked through. */
export function vertexed(bench: Bench): boolean {
  const object = bench.store.selection.value.length === 1 ? bench.editable() : null;
  return object !== null && points(object).length > 0;
}

/** The ringed point, while it is there. */
export function vertex(bench: Bench): { object: AnyObject; handle: Handle; index: number; of: number } | null {
  const [here, object] = [bench.ui.vertex.value, bench.editable()];
  if (!here || object?.id !== here.id || bench.store.others.value.size) return null;
  const all = points(object);
  const index = all.findIndex(({ name }) => name === here.handle);
  return index < 0 ? null : { object, handle: all[index]!, index, of: all.length };
}

function ring(bench: Bench, object: AnyObject, index: number): void {
  const all = points(object);
  const handle = all[(index + all.length) % all.length];
  if (!handle) return leaveVertex(bench);
  bench.viewport.keepInView({ ...handle.at, w: 0, h: 0 });
  bench.tell("vertex_at", "info", { n: ((index + all.length) % all.length) + 1, of: all.length });
  bench.ui.vertex.value = { id: object.id, handle: handle.name, said: bench.ui.message.peek() };
}

/** The object as a whole again; what was said of the point goes. */
export function leaveVertex({ ui }: Bench): void {
  const here = ui.vertex.peek();
  ui.vertex.value = null;
  if (here?.said && here.said === ui.message.peek()) ui.message.value = null;
}

export function walk(bench: Bench, by: 1 | -1): void {
  const [object, here] = [bench.editable(), vertex(bench)];
  if (object) ring(bench, object, here ? here.index + by : by > 0 ? 0 : -1);
}

/** False when no point is ringed. */
export function nudgeVertex(bench: Bench, dx: number, dy: number): boolean {
  const here = vertex(bench);
  if (!here) return false;
  const { object, handle } = here;
  const { picture } = bench.viewport;
  const at = object.kind === "box" ? { x: handle.at.x + dx, y: handle.at.y + dy } : clampPoint({ x: handle.at.x + dx, y: handle.at.y + dy }, picture);
  const next = shapeOf(object)!.dragged(object, handle.name, at, picture);
  bench.reshape(next, `vertex ${object.id} ${handle.name}`);
  const moved = vertex(bench);
  if (moved) bench.viewport.keepInView({ ...moved.handle.at, w: 0, h: 0 });
  return true;
}

/** A new point halfway to the next; after the end of a line, half a step farther on. */
export function addVertex(bench: Bench): void {
  const here = vertex(bench);
  const name = here && readHandle(here.handle.name);
  if (!here || !name || (here.object.kind !== "polygon" && here.object.kind !== "polyline")) return bench.tell("vertex_none", "warn");
  const { object, handle } = here;
  const { picture } = bench.viewport;
  const fresh = handle.name.replace("p", "n");
  let at = shapeOf(object)!.handles(object).find((one) => one.name === fresh)?.at;
  if (!at) {
    const [before, last] = rowsOf(object).slice(-2);
    at = clampPoint({ x: last![0] + (last![0] - before![0]) / 2, y: last![1] + (last![1] - before![1]) / 2 }, picture);
  }
  const next = shapeOf(object)!.dragged(object, fresh, at, picture);
  bench.reshape(next);
  ring(bench, next, here.index + 1);
}

/** False when no point is ringed; the object itself stays whatever becomes of the point. */
export function deleteVertex(bench: Bench): boolean {
  const here = vertex(bench);
  if (!here) return false;
  const left = shapeOf(here.object)!.without?.(here.object, here.handle.name);
  if (left) {
    bench.reshape(left);
    ring(bench, left, Math.max(here.index - 1, 0));
  } else bench.tell(here.object.kind === "box" ? "vertex_corner" : "points_needed", "warn");
  return true;
}
