/** A box by its extremes: four clicks on the outermost points of the object, in any order. */
import { addBox } from "../actions/drawing.ts";
import { fitted } from "../shapes/box.ts";
import { clampPoint, rectOf, type Point } from "../geometry/plane.ts";
import { Grip } from "./grip.ts";
import type { MakeTool } from "./tool.ts";

const CLICKS = 4;

export const extremeTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  let points: Point[] = [];
  let at: Point | null = null;
  const keep = (next: Point[]): void => {
    points = next;
    bench.ui.sketched.value = next.length;
  };
  return {
    down(press) {
      const handle = points.length || press.ctrl ? null : grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      keep([...points, clampPoint(press.at, bench.viewport.picture)]);
      if (points.length < CLICKS) return;
      const rect = rectOf(points);
      keep([]);
      addBox(bench, fitted(rect, bench.viewport.picture));
    },
    move(press) {
      if (grip.holds) return grip.move(press);
      at = clampPoint(press.at, bench.viewport.picture);
    },
    up(press) {
      if (grip.holds) grip.release(press);
    },
    cancel() {
      const had = points.length > 0;
      keep([]);
      return grip.drop() || had;
    },
    back() {
      if (!points.length) return false;
      keep(points.slice(0, -1));
      return true;
    },
    cursor: (press) => (press && !points.length && !press.ctrl ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
    paint(context) {
      if (!points.length) return;
      bench.stage?.paintRect(context, rectOf(at ? [...points, at] : points));
      bench.stage?.paintDots(context, points);
    },
  };
};
