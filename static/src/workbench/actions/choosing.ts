/** Acts on all that is chosen: choose all, hide, lock, delete, to the front or the back, one point out. */
import type { Bench } from "../bench.ts";
import { distance } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { Step } from "../state/patch.ts";
import { handlesOf } from "../tools/handles.ts";
import { REACH } from "../tools/tool.ts";
import { deleteVertex } from "./vertices.ts";

export function chooseAll(bench: Bench): void {
  const [hidden, locked] = [bench.store.hidden.peek(), bench.store.locked.peek()];
  bench.ui.fresh.value = null;
  bench.store.selectAll(bench.store.document.peek().objects.map(({ id }) => id).filter((id) => !hidden.has(id) && !locked.has(id)));
}

/** All to the state that the first one does not have. */
export function toggleChosen(bench: Bench, which: "hidden" | "locked"): void {
  const ids = bench.store.selection.peek().map(({ id }) => id);
  const next = new Set(bench.store[which].peek());
  const on = !next.has(bench.store.selected.peek() ?? "");
  for (const id of ids) on ? next.add(id) : next.delete(id);
  bench.store[which].value = next;
}

/** Hides all but what is chosen; a second time shows all. */
export function hideOthers(bench: Bench): void {
  const chosen = new Set(bench.store.selection.peek().map(({ id }) => id));
  const others = bench.store.document.peek().objects.map(({ id }) => id).filter((id) => !chosen.has(id));
  const hidden = bench.store.hidden.peek();
  bench.store.hidden.value = new Set(others.length && others.every((id) => hidden.has(id)) ? [] : others);
}

/** A click of an unfinished drawing first, then the ringed point; then what is chosen. */
export function deleteChosen(bench: Bench): void {
  if (bench.stage?.tool?.back?.()) return bench.stage.touch();
  if (deleteVertex(bench)) return;
  bench.store.dropAll(bench.store.selection.peek().map(({ id }) => id));
}

export function undo(bench: Bench): void {
  if (bench.stage?.tool?.back?.()) return bench.stage.touch();
  bench.store.undo();
}

/** Drawn after all others, or before them: the document's order. */
export function reorder(bench: Bench, to: "front" | "back"): void {
  const chosen = bench.editables();
  const steps = chosen.flatMap((object, index): Step[] => [
    { op: "drop", id: object.id },
    { op: "put", object, ...(to === "back" ? { at: index } : {}) },
  ]);
  const ids = chosen.map(({ id }) => id);
  if (!steps.length || !bench.store.change(steps)) return;
  bench.choose(null);
  bench.store.selectAll(ids);
}

/** The point of the chosen outline that is nearest to the pointer. */
export function removePoint(bench: Bench): void {
  if (deleteVertex(bench)) return;
  const [object, at] = [bench.editable(), bench.ui.pointer.peek()];
  if (!object || !at) return;
  const reach = (REACH * 2) / bench.viewport.scale;
  const near = handlesOf(bench)
    .filter(({ look, at: place }) => look === "dot" && distance(place, at) <= reach)
    .sort((a, b) => distance(a.at, at) - distance(b.at, at))[0];
  const left = near && shapeOf(object)?.without?.(object, near.name);
  if (left) bench.reshape(left);
  else bench.tell(near ? "points_needed" : "point_near", "warn");
}
