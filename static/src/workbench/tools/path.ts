/** Polygons, holes and lines, click by click, or held down and drawn freely. Enter or a double click ends it; so does, for
 * a closed outline, a click on the first point. New points stick to neighbours' corners and edges unless Alt is held. */
import { addObject } from "../actions/drawing.ts";
import type { Bench } from "../bench.ts";
import { distance, inPolygon, type Point } from "../geometry/plane.ts";
import { hasArea, holesOf, rowOf, rowsOf } from "../shapes/outline.ts";
import { Grip } from "./grip.ts";
import { stuck } from "./stick.ts";
import { REACH, SHAKE, type MakeTool, type Press } from "./tool.ts";

/** Screen pixels between two points of a line that is drawn with the button held. */
const FREE = 10;
const TWICE = 300; // ms between the clicks of a double click
const MOST = 20_000; // points that the server takes

type Store = (bench: Bench, points: Point[]) => boolean;

function pathTool(closed: boolean, store: Store): MakeTool {
  return (bench) => {
    const grip = new Grip(bench);
    let points: Point[] = [];
    let at: Point | null = null;
    let down: { screen: Point; free: boolean; taken: number } | null = null;
    let last: { screen: Point; time: number } | null = null;

    const keep = (next: Point[]): void => {
      points = next;
      bench.ui.sketched.value = next.length;
    };
    const place = (press: Press): Point => stuck(bench, press.at, null, !press.alt);
    const onFirst = (press: Press): boolean => closed && points.length >= 3 && distance(bench.viewport.toScreen(points[0]!), press.screen) <= REACH;
    const end = (): boolean => {
      if (points.length < (closed ? 3 : 2) || (closed && !hasArea(points))) {
        if (points.length) bench.tell(closed ? "three_points" : "two_points", "warn");
        return points.length > 0;
      }
      const done = points;
      down = last = at = null;
      keep([]);
      store(bench, done);
      return true;
    };

    return {
      down(press) {
        const handle = points.length || press.ctrl ? null : grip.handleAt(press);
        if (handle) return grip.take(bench.editables(), handle.name, press);
        const now = performance.now();
        const again = last !== null && now - last.time < TWICE && distance(last.screen, press.screen) < SHAKE;
        if (points.length && (onFirst(press) || again)) return void end();
        last = { screen: press.screen, time: now };
        down = { screen: press.screen, free: false, taken: points.length };
        if (points.length < MOST) keep([...points, place(press)]);
      },
      move(press) {
        if (grip.holds) return grip.move(press);
        at = place(press);
        if (!down || distance(down.screen, press.screen) < FREE || points.length >= MOST) return;
        down.screen = press.screen;
        down.free = true;
        last = null;
        keep([...points, at]);
      },
      up(press) {
        if (grip.holds) return grip.release(press);
        const free = down?.free;
        down = null;
        if (free && onFirst(press)) end();
      },
      cancel() {
        const had = points.length > 0;
        down = last = null;
        keep([]);
        return grip.drop() || had;
      },
      finish: end,
      back() {
        if (!points.length) return false;
        last = null;
        keep(points.slice(0, -1));
        return true;
      },
      cursor: (press) => (press && !points.length && !press.ctrl ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
      paint(context) {
        if (!points.length) return;
        bench.stage?.paintPath(context, at ? [...points, at] : points, closed && points.length > 1);
        bench.stage?.paintDots(context, points, closed && points.length > 2);
      },
    };
  };
}

const rows = (points: readonly Point[]): unknown => points.map((point) => rowOf(point));

export const polygonTool = pathTool(true, (bench, points) => addObject(bench, "polygon", { points: rows(points) }));
export const polylineTool = pathTool(false, (bench, points) => addObject(bench, "polyline", { points: rows(points) }));

/** A hole in the chosen polygon, which must lie within it. */
export const holeTool = pathTool(true, (bench, points) => {
  const object = bench.editable();
  const outer = object?.kind === "polygon" ? rowsOf(object).map(([x, y]) => ({ x, y })) : null;
  if (!object || !outer) bench.tell("hole_needs", "warn");
  else if (!points.some((point) => inPolygon(point, outer))) bench.tell("hole_inside", "warn");
  else {
    bench.reshape({ ...object, holes: [...holesOf(object), rows(points)] } as typeof object);
    bench.ui.tool.value = "select";
    return true;
  }
  return false;
});
