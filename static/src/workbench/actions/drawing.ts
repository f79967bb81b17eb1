/** Making boxes and giving labels. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { rounded, type Rect } from "../geometry/plane.ts";
import { defaults, labelOf, relabelled } from "../state/schema.ts";
import type { AnyObject, Kind } from "../sync/bundle.ts";
import { drawable } from "../tools/registry.ts";

/** A new object of the label in the hand, with that label's defaults; false when the label is not drawn this way. */
export function addObject(bench: Bench, kind: Kind, fields: Record<string, unknown>): boolean {
  const label = labelOf(bench.schema, bench.ui.label.peek());
  if (!label?.kinds.includes(kind)) {
    bench.tell("choose_label", "warn");
    return false;
  }
  const object = { id: identifier(), kind, label: label.name, ...fields } as AnyObject;
  const attributes = defaults(label.attributes);
  if (!bench.store.put(Object.keys(attributes).length ? { ...object, attributes } : object)) return false;
  bench.store.select(object.id);
  bench.ui.fresh.value = object.id;
  return true;
}

export function addBox(bench: Bench, rect: Rect): void {
  addObject(bench, "box", { box: [rounded(rect.x), rounded(rect.y), rounded(rect.w), rounded(rect.h)] });
}

/** A label's key or button: the selected object gets it, unless it was only just drawn; else it is for the next box. */
export function pickLabel(bench: Bench, name: string): void {
  if (!bench.hasPicture) return bench.text.label(name);
  const object = bench.editable();
  if (object && object.id !== bench.ui.fresh.peek()) {
    const label = labelOf(bench.schema, name);
    const fitting = bench.editables().filter(({ kind }) => label?.kinds.includes(kind));
    if (fitting.length) bench.reshapeAll(fitting.map((one) => relabelled(bench.schema, one, name)));
    else bench.tell("label_not_for", "warn", { label: name });
    return;
  }
  const label = labelOf(bench.schema, name);
  if (!label || !drawable(label)) return bench.tell("label_not_drawn", "warn", { label: name });
  bench.takeLabel(name);
}
