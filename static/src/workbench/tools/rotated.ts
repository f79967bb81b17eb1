/** A turned box by three places: one side from end to end (two clicks, or a drag), then a click for how far it reaches.
 * The side becomes the upper edge of the box when it was drawn from left to right above the object. */
import { addObject } from "../actions/drawing.ts";
import { clamp, clampPoint, distance, rounded, type Point, type Size } from "../geometry/plane.ts";
import { corners, LEAST, turnedTo } from "../shapes/box.ts";
import type { BoxObject } from "../sync/bundle.ts";
import { Grip } from "./grip.ts";
import { SHAKE, type MakeTool, type Press } from "./tool.ts";

/** The box with the side a–b that reaches as far as `to`; null when it has no area. Its centre is kept in the picture. */
export function rotatedFrom(a: Point, b: Point, to: Point, picture: Size): Pick<BoxObject, "box" | "rotation"> | null {
  const w = distance(a, b);
  if (w < LEAST) return null;
  const along = { x: (b.x - a.x) / w, y: (b.y - a.y) / w };
  const reach = (to.x - a.x) * -along.y + (to.y - a.y) * along.x; // to the right of a–b, which is down when b lies right of a
  const h = Math.abs(reach);
  if (h < LEAST) return null;
  const x = clamp((a.x + b.x) / 2 - along.y * (reach / 2), 0, picture.w);
  const y = clamp((a.y + b.y) / 2 + along.x * (reach / 2), 0, picture.h);
  // A side drawn below the object is its lower edge: turned by half a round, so that "up" stays away from it.
  const degrees = (Math.atan2(along.y, along.x) * 180) / Math.PI + (reach < 0 ? 180 : 0);
  const made = turnedTo({ id: "", kind: "box", label: "", box: [x - w / 2, y - h / 2, w, h] }, Math.round(degrees * 10) / 10);
  return { box: made.box.map(rounded) as BoxObject["box"], ...(made.rotation ? { rotation: made.rotation } : {}) };
}

export const rotatedTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  let side: Point[] = [];
  let at: Point | null = null;
  let pressed: Press | null = null;
  const keep = (next: Point[]): void => {
    side = next;
    bench.ui.sketched.value = next.length;
  };
  const place = (press: Press): Point => {
    const point = clampPoint(press.at, bench.viewport.picture);
    const [from] = side;
    if (side.length !== 1 || !press.shift || !from) return point;
    const step = Math.PI / 12;
    const [angle, far] = [Math.round(Math.atan2(point.y - from.y, point.x - from.x) / step) * step, distance(from, point)];
    return clampPoint({ x: from.x + far * Math.cos(angle), y: from.y + far * Math.sin(angle) }, bench.viewport.picture);
  };
  const made = (to: Point): ReturnType<typeof rotatedFrom> => (side.length === 2 ? rotatedFrom(side[0]!, side[1]!, to, bench.viewport.picture) : null);
  return {
    down(press) {
      const handle = side.length || press.ctrl ? null : grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      pressed = press;
      const point = place(press);
      if (side.length < 2) return keep([...side, point]);
      const fields = made(point);
      if (!fields) return;
      keep([]);
      addObject(bench, "box", fields);
    },
    move(press) {
      if (grip.holds) return grip.move(press);
      at = place(press);
    },
    up(press) {
      if (grip.holds) return grip.release(press);
      // A drag draws the side in one go.
      if (pressed && side.length === 1 && distance(pressed.screen, press.screen) >= SHAKE) keep([side[0]!, place(press)]);
      pressed = null;
    },
    cancel() {
      const had = side.length > 0;
      pressed = null;
      keep([]);
      return grip.drop() || had;
    },
    back() {
      if (!side.length) return false;
      keep(side.slice(0, -1));
      return true;
    },
    cursor: (press) => (press && !side.length && !press.ctrl ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
    paint(context) {
      if (!side.length) return;
      const fields = at && made(at);
      if (fields) bench.stage?.paintPath(context, corners({ id: "", kind: "box", label: "", ...fields }), true);
      else bench.stage?.paintPath(context, at && side.length < 2 ? [...side, at] : side, false);
      bench.stage?.paintDots(context, side);
    },
  };
};
