/** How well a keypoint is seen: 0 not labelled, 1 covered, 2 seen. */
import type { Bench } from "../bench.ts";
import { centre, clampPoint, distance } from "../geometry/plane.ts";
import { readHandle, rowOf, rowsOf, type Row } from "../shapes/outline.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { vertex } from "./vertices.ts";

/** The object with another visibility of one keypoint; one that had no place starts in the middle of the others. */
export function withVisibility(object: AnyObject, index: number, visibility: number): AnyObject {
  const rows = rowsOf(object).slice();
  const row = rows[index];
  if (!row || row[2] === visibility) return object;
  const place = row[2] === 0 ? centre(shapeOf(object)!.bounds(object)) : { x: row[0], y: row[1] };
  rows[index] = visibility === 0 ? ([0, 0, 0] as Row) : rowOf(place, visibility);
  return rows.some((one) => one[2] !== 0) ? ({ ...object, points: rows } as AnyObject) : object;
}

/** While keypoints are placed, what the next click means; else the chosen object's point nearest to the pointer. */
export function toggleVisibility(bench: Bench): void {
  const tool = bench.stage?.tool;
  if (bench.ui.hint.peek() && tool?.toggle?.()) return bench.stage!.touch();
  const ringed = vertex(bench);
  if (ringed?.object.kind === "keypoints") {
    const { index } = readHandle(ringed.handle.name)!;
    return bench.reshape(withVisibility(ringed.object, index, rowsOf(ringed.object)[index]![2] === 2 ? 1 : 2));
  }
  const [object, pointer] = [bench.editable(), bench.ui.pointer.peek()];
  if (object?.kind !== "keypoints" || !pointer) return;
  const at = clampPoint(pointer, bench.viewport.picture);
  const near = rowsOf(object)
    .map((row, index) => ({ index, row, far: distance({ x: row[0], y: row[1] }, at) }))
    .filter(({ row }) => row[2] !== 0)
    .sort((a, b) => a.far - b.far)[0];
  if (near) bench.reshape(withVisibility(object, near.index, near.row[2] === 2 ? 1 : 2));
}
