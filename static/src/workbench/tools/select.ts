/** Choose, move, resize. Shift+click adds to what is chosen, a drag over nothing draws a frame around what is to be chosen,
 * Alt+click goes on to what lies under. A reviewer who only looks moves the picture instead. */
import { considerAt } from "../actions/suggesting.ts";
import { distance, meets, type Rect } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import { Grip } from "./grip.ts";
import { SHAKE, type MakeTool, type Press } from "./tool.ts";

export function between(a: Press["at"], b: Press["at"]): Rect {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) };
}

export const selectTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  const { store, ui } = bench;
  let pan: Press | null = null;
  let frame: { from: Press; to: Press; before: string[] } | null = null;
  /** The likelier object under a press that kept hold of another: a click without a drag means it. */
  let rather: string | null = null;

  const framed = (): string[] => {
    if (!frame || distance(frame.from.screen, frame.to.screen) < SHAKE) return frame?.before ?? [];
    const rect = between(frame.from.at, frame.to.at);
    const found = bench.near(rect).filter((object) => meets(shapeOf(object)!.bounds(object), rect) && !store.locked.peek().has(object.id));
    return [...new Set([...frame.before, ...found.map(({ id }) => id)])];
  };

  return {
    down(press) {
      const handle = grip.handleAt(press);
      if (handle) return grip.take(bench.editables(), handle.name, press);
      const under = bench.under(press.at);
      const chosen = store.selection.peek();
      if (!under.length) {
        if (store.frozen.peek()) {
          pan = press;
          return bench.choose(null);
        }
        if (considerAt(bench, press.at)) return;
        frame = { from: press, to: press, before: press.shift ? chosen.map(({ id }) => id) : [] };
        return;
      }
      if (press.shift && !press.alt) {
        ui.fresh.value = null;
        return store.toggleSelected(under[0]!.id);
      }
      const held = under.find(({ id }) => chosen.some((one) => one.id === id));
      const at = under.findIndex(({ id }) => id === store.selected.peek());
      // What is chosen already stays in the hand, even under a smaller one; Alt takes the next below.
      rather = !press.alt && held && (held !== under[0] || chosen.length > 1) ? under[0]!.id : null;
      if (press.alt) bench.choose(under[(at + 1) % under.length]!.id);
      else if (!held) bench.choose(under[0]!.id);
      const movable = bench.editables().filter((object) => shapeOf(object));
      if (movable.length) grip.take(movable, null, press);
    },
    move(press) {
      if (pan) {
        bench.viewport.pan(press.screen.x - pan.screen.x, press.screen.y - pan.screen.y);
        pan = press;
      } else if (frame) frame.to = press;
      else if (grip.holds) grip.move(press);
      else ui.hovered.value = bench.under(press.at)[0]?.id ?? null;
    },
    up(press) {
      pan = null;
      if (frame) {
        frame.to = press;
        const ids = framed();
        frame = null;
        ui.fresh.value = null;
        return ids.length ? store.selectAll(ids) : bench.choose(null);
      }
      if (rather && !grip.moves) bench.choose(rather);
      rather = null;
      grip.release(press);
    },
    cancel() {
      const had = frame !== null;
      pan = frame = rather = null;
      return grip.drop() || had;
    },
    cursor(press) {
      if (pan) return "grabbing";
      const handle = press && grip.handleAt(press);
      if (handle) return handle.cursor;
      return ui.hovered.peek() ? (store.frozen.peek() ? "pointer" : "move") : "default";
    },
    paint(context) {
      if (frame && distance(frame.from.screen, frame.to.screen) >= SHAKE) bench.stage?.paintFrame(context, between(frame.from.at, frame.to.at));
    },
  };
};
