/** Cuts the chosen objects, or the one under the line, along a straight line: a drag, or two clicks. */
import { splitObjects } from "../actions/joining.ts";
import { clampPoint, distance, type Point } from "../geometry/plane.ts";
import { SHAKE, type MakeTool, type Press } from "./tool.ts";

export const splitTool: MakeTool = (bench) => {
  let from: Point | null = null;
  let at: Point | null = null;
  let pressed: Press | null = null;
  const keep = (point: Point | null): void => {
    from = point;
    bench.ui.sketched.value = point ? 1 : 0;
  };
  const place = (press: Press): Point => {
    const point = clampPoint(press.at, bench.viewport.picture);
    if (!from || !press.shift) return point;
    return Math.abs(point.x - from.x) > Math.abs(point.y - from.y) ? { x: point.x, y: from.y } : { x: from.x, y: point.y };
  };
  const cut = (to: Point): void => {
    const start = from!;
    keep(null);
    if (splitObjects(bench, start, to)) bench.ui.tool.value = "select";
  };
  return {
    down(press) {
      if (from) return cut(place(press));
      pressed = press;
      keep(clampPoint(press.at, bench.viewport.picture));
    },
    move(press) {
      at = place(press);
    },
    up(press) {
      if (from && pressed && distance(pressed.screen, press.screen) >= SHAKE) cut(place(press));
      pressed = null;
    },
    cancel() {
      const had = from !== null;
      pressed = null;
      keep(null);
      return had;
    },
    back() {
      const had = from !== null;
      keep(null);
      return had;
    },
    cursor: () => "crosshair",
    paint(context) {
      if (!from || !at) return;
      bench.stage?.paintPath(context, [from, at], false);
      bench.stage?.paintDots(context, [from]);
    },
  };
};
