/** An object without the mouse: in the middle of what is seen, to be moved and sized by the arrow keys. */
import type { Bench } from "../bench.ts";
import { centre, clamp, type Point, type Rect } from "../geometry/plane.ts";
import { rowOf } from "../shapes/outline.ts";
import { labelOf } from "../state/schema.ts";
import type { Kind } from "../sync/bundle.ts";
import { kindOf } from "../tools/registry.ts";
import { addBox, addObject } from "./drawing.ts";

const KINDS: readonly Kind[] = ["box", "polygon", "polyline", "point", "keypoints"];

/** The kind that the tool in the hand draws, else the label's first that can be put in the middle. */
export function middleKind(bench: Bench): Kind | null {
  const label = labelOf(bench.schema, bench.ui.label.value);
  const here = kindOf(bench.ui.tool.value);
  if (here && KINDS.includes(here) && label?.kinds.includes(here)) return here;
  return label?.kinds.find((kind) => KINDS.includes(kind)) ?? null;
}

function middleOf(bench: Bench): Rect {
  const seen = bench.viewport.visible;
  const { w, h } = bench.viewport.picture;
  const middle = centre(seen);
  const size = { w: Math.min(seen.w, w) / 5, h: Math.min(seen.h, h) / 5 };
  return { x: clamp(clamp(middle.x, 0, w) - size.w / 2, 0, w - size.w), y: clamp(clamp(middle.y, 0, h) - size.h / 2, 0, h - size.h), ...size };
}

export function addInTheMiddle(bench: Bench): void {
  const kind = middleKind(bench);
  const rect = middleOf(bench);
  const { x, y, w, h } = rect;
  const rows = (...points: Point[]): unknown => points.map((point) => rowOf(point));
  if (kind === "box") addBox(bench, rect);
  else if (kind === "polygon") addObject(bench, kind, { points: rows({ x, y }, { x: x + w, y }, { x: x + w, y: y + h }, { x, y: y + h }) });
  else if (kind === "polyline") addObject(bench, kind, { points: rows({ x, y: y + h / 2 }, { x: x + w, y: y + h / 2 }) });
  else if (kind === "point") addObject(bench, kind, { points: rows(centre(rect)) });
  else if (kind === "keypoints") {
    // Down the middle, one under the other: each is then put in its place.
    const count = labelOf(bench.schema, bench.ui.label.peek())?.skeleton?.points.length || 1;
    addObject(bench, kind, { points: Array.from({ length: count }, (_, i) => rowOf({ x: x + w / 2, y: y + (h * (i + 0.5)) / count }, 2)) });
  }
}
