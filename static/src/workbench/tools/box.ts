/** Draw boxes by a drag: they may start anywhere, over others too. A click chooses; handles of the chosen box stay in reach.
 * Shift keeps it square, Alt draws from the middle, Ctrl draws even from a handle. */
import { clampPoint, distance, type Point, type Rect, type Size } from "../geometry/plane.ts";
import { Grip } from "./grip.ts";
import { SHAKE, type MakeTool, type Press } from "./tool.ts";
import { addBox } from "../actions/drawing.ts";
import { clicked } from "./click.ts";

/** Picture pixels below which a side would vanish when it is rounded. */
const FLAT = 0.05;

/** The box between two corners, inside the picture. */
export function drawn(from: Point, to: Point, how: { shift: boolean; alt: boolean }, picture: Size): Rect {
  let [dx, dy] = [to.x - from.x, to.y - from.y];
  if (how.shift) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    [dx, dy] = [dx < 0 ? -side : side, dy < 0 ? -side : side];
  }
  const start = how.alt ? { x: from.x - dx, y: from.y - dy } : from;
  const a = clampPoint(start, picture);
  const b = clampPoint({ x: from.x + dx, y: from.y + dy }, picture);
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(b.x - a.x), h: Math.abs(b.y - a.y) };
}

export const boxTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  let from: Press | null = null;
  let now: Press | null = null;

  const rect = (): Rect | null => {
    if (!from || !now || distance(from.screen, now.screen) < SHAKE) return null;
    const made = drawn(from.at, now.at, now, bench.viewport.picture);
    return Math.min(made.w, made.h) < FLAT ? null : made; // drawn beside the picture
  };

  return {
    down(press) {
      const handle = press.ctrl ? null : grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      from = now = press;
    },
    move(press) {
      if (grip.holds) return grip.move(press);
      now = press;
    },
    up(press) {
      if (grip.holds) return grip.release(press);
      now = press;
      const made = rect();
      const began = from;
      from = now = null;
      if (made) return addBox(bench, made);
      if (began) clicked(bench, began, press);
    },
    cancel() {
      const had = from !== null;
      from = now = null;
      return grip.drop() || had;
    },
    cursor: (press) => (press && !press.ctrl && !from ? (grip.handleAt(press)?.cursor ?? "crosshair") : "crosshair"),
    paint(context) {
      const made = rect();
      if (made) bench.stage?.paintRect(context, made);
    },
  };
};
