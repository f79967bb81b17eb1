/** The handles in reach: those of the one chosen object, or of the frame around several. */
import type { Bench } from "../bench.ts";
import { groupHandles } from "../shapes/group.ts";
import { shapeOf, type Handle } from "../shapes/shape.ts";

/** Tools that draw upright boxes: the handle that turns would be in the way of the next box. */
const UPRIGHT = new Set(["box", "extreme"]);
/** Handles of more points than this are left out while far away: they would cover the outline. */
const CROWD = 150;

export function handlesOf(bench: Bench): readonly Handle[] {
  const objects = bench.editables();
  const unit = 1 / bench.viewport.scale;
  if (objects.length > 1) return groupHandles(objects, unit);
  const [object] = objects;
  const shape = object && shapeOf(object);
  if (!object || !shape) return [];
  const upright = UPRIGHT.has(bench.ui.tool.value) && !("rotation" in object);
  const handles = shape.handles(object, upright ? 0 : unit);
  if (handles.length <= CROWD) return handles;
  const seen = bench.viewport.visible;
  const near = handles.filter(({ at }) => at.x >= seen.x && at.y >= seen.y && at.x <= seen.x + seen.w && at.y <= seen.y + seen.h);
  return near.length > CROWD ? near.filter(({ look }) => look !== "new") : near;
}
