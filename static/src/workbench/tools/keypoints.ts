/** Keypoints in the order of the label's skeleton: a click places the next one as seen, Shift+click as covered; Q turns
 * what the next click means, S leaves one out, Enter leaves out the rest. */
import { addObject } from "../actions/drawing.ts";
import { clampPoint, type Point } from "../geometry/plane.ts";
import { rowOf, type Row } from "../shapes/outline.ts";
import { labelOf } from "../state/schema.ts";
import type { Skeleton } from "../sync/bundle.ts";
import { Grip } from "./grip.ts";
import type { MakeTool } from "./tool.ts";

const [COVERED, SEEN] = [1, 2];

export const keypointsTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  let rows: Row[] = [];
  let at: Point | null = null;
  let next = SEEN;
  const skeleton = (): Skeleton => labelOf(bench.schema, bench.ui.label.peek())?.skeleton ?? { points: [] };
  const keep = (now: Row[]): void => {
    rows = now;
    bench.ui.sketched.value = now.length;
    const name = skeleton().points[now.length];
    if (name !== undefined && bench.ui.tool.peek() === "keypoints") bench.ui.hint.value = { name, at: now.length + 1, of: skeleton().points.length, covered: next === COVERED };
    else bench.ui.hint.value = null;
  };
  const end = (): boolean => {
    if (!rows.length) return false;
    const places = skeleton().points.length || rows.length;
    const points = Array.from({ length: places }, (_, index): Row => rows[index] ?? [0, 0, 0]);
    if (!points.some((row) => row[2] !== 0)) {
      bench.tell("one_keypoint", "warn");
      return true;
    }
    rows = [];
    next = SEEN;
    addObject(bench, "keypoints", { points });
    keep([]);
    return true;
  };
  const add = (row: Row): void => {
    keep([...rows, row]);
    if (skeleton().points.length && rows.length >= skeleton().points.length) end();
  };
  return {
    down(press) {
      const handle = rows.length || press.ctrl ? null : grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      const covered = press.shift ? COVERED + SEEN - next : next;
      add(rowOf(clampPoint(press.at, bench.viewport.picture), covered));
    },
    move(press) {
      if (grip.holds) return grip.move(press);
      at = clampPoint(press.at, bench.viewport.picture);
      if (!bench.ui.hint.peek()) keep(rows);
    },
    up(press) {
      if (grip.holds) grip.release(press);
    },
    cancel() {
      const had = rows.length > 0;
      rows = [];
      next = SEEN;
      bench.ui.sketched.value = 0;
      bench.ui.hint.value = null;
      return grip.drop() || had;
    },
    finish: end,
    back() {
      if (!rows.length) return false;
      keep(rows.slice(0, -1));
      return true;
    },
    skip() {
      add([0, 0, 0]);
      return true;
    },
    toggle() {
      next = COVERED + SEEN - next;
      keep(rows);
      return true;
    },
    cursor: (press) => (press && !rows.length && !press.ctrl ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
    paint(context) {
      if (!rows.length) return;
      const placed = rows.map((row): Point | null => (row[2] === 0 ? null : { x: row[0], y: row[1] }));
      for (const [from, to] of skeleton().edges ?? []) {
        const [a, b] = [placed[from] ?? (from === rows.length ? at : null), placed[to] ?? (to === rows.length ? at : null)];
        if (a && b) bench.stage?.paintPath(context, [a, b], false);
      }
      bench.stage?.paintDots(context, placed.filter((point) => point !== null));
    },
  };
};
