/** One point per click; the chosen one may be pulled. */
import { addObject } from "../actions/drawing.ts";
import { clampPoint } from "../geometry/plane.ts";
import { rowOf } from "../shapes/outline.ts";
import { Grip } from "./grip.ts";
import type { MakeTool } from "./tool.ts";

export const pointTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  return {
    down(press) {
      const handle = press.ctrl ? null : grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      addObject(bench, "point", { points: [rowOf(clampPoint(press.at, bench.viewport.picture))] });
    },
    move: (press) => grip.move(press),
    up: (press) => grip.release(press),
    cancel: () => grip.drop(),
    cursor: (press) => (press && !press.ctrl ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
  };
};
