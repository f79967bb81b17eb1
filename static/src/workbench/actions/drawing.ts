/** Making boxes and giving labels. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { centre, rounded, type Rect } from "../geometry/plane.ts";
import { defaults, labelOf, labelsFor, relabelled } from "../state/schema.ts";
import type { BoxObject } from "../sync/bundle.ts";

export function addBox(bench: Bench, rect: Rect): void {
  const label = labelOf(bench.schema, bench.ui.label.peek());
  if (!label?.kinds.includes("box")) return bench.tell("choose_label", "warn");
  const box: BoxObject = {
    id: identifier(), kind: "box", label: label.name,
    box: [rounded(rect.x), rounded(rect.y), rounded(rect.w), rounded(rect.h)],
  };
  const attributes = defaults(label.attributes);
  if (bench.store.put(Object.keys(attributes).length ? { ...box, attributes } : box)) {
    bench.store.select(box.id);
    bench.ui.fresh.value = box.id;
  }
}

/** A box without the mouse: in the middle of what is seen, to be moved and sized by the arrow keys. */
export function addBoxInTheMiddle(bench: Bench): void {
  const seen = bench.viewport.visible;
  const { w, h } = bench.viewport.picture;
  const middle = { x: Math.min(Math.max(centre(seen).x, 0), w), y: Math.min(Math.max(centre(seen).y, 0), h) };
  const size = { w: Math.min(seen.w, w) / 5, h: Math.min(seen.h, h) / 5 };
  const x = Math.min(Math.max(middle.x - size.w / 2, 0), w - size.w);
  const y = Math.min(Math.max(middle.y - size.h / 2, 0), h - size.h);
  addBox(bench, { x, y, ...size });
}

/** A label's key or button: the selected object gets it, unless it was only just drawn; else it is for the next box. */
export function pickLabel(bench: Bench, name: string): void {
  const object = bench.editable();
  if (object && object.id !== bench.ui.fresh.peek()) {
    if (labelsFor(bench.schema, object.kind).some((label) => label.name === name)) bench.reshape(relabelled(bench.schema, object, name));
    else bench.tell("label_not_for", "warn", { label: name });
    return;
  }
  if (!labelOf(bench.schema, name)?.kinds.includes("box")) return bench.tell("label_not_drawn", "warn", { label: name });
  bench.ui.label.value = name;
  if (!bench.store.frozen.peek() && bench.hasPicture) bench.ui.tool.value = "box";
}
