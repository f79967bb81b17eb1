/** Choose, move, resize; a drag over nothing moves the picture. Alt+click goes on to what lies under. */
import { shapeOf } from "../shapes/shape.ts";
import { Grip } from "./grip.ts";
import type { MakeTool, Press } from "./tool.ts";

export const selectTool: MakeTool = (bench) => {
  const grip = new Grip(bench);
  let pan: Press | null = null;
  /** The likelier object under a press that kept hold of another: a click without a drag means it. */
  let rather: string | null = null;
  return {
    down(press) {
      const handle = grip.handleAt(press);
      const selected = bench.editable();
      if (handle && selected) return grip.take(selected, handle.name, press);
      const under = bench.under(press.at);
      if (!under.length) {
        bench.choose(null);
        pan = press;
        return;
      }
      const at = under.findIndex(({ id }) => id === bench.store.selected.peek());
      // What is chosen already stays in the hand, even under a smaller one; Alt takes the next below.
      rather = !press.alt && at > 0 ? under[0]!.id : null;
      const object = press.alt ? under[(at + 1) % under.length]! : at >= 0 ? under[at]! : under[0]!;
      bench.choose(object.id);
      if (bench.editable() && shapeOf(object)) grip.take(object, null, press);
    },
    move(press) {
      if (pan) {
        bench.viewport.pan(press.screen.x - pan.screen.x, press.screen.y - pan.screen.y);
        pan = press;
      } else if (grip.holds) grip.move(press);
      else bench.ui.hovered.value = bench.under(press.at)[0]?.id ?? null;
    },
    up() {
      pan = null;
      if (rather && !bench.ui.preview.peek()) bench.choose(rather);
      rather = null;
      grip.release();
    },
    cancel() {
      pan = null;
      return grip.drop();
    },
    cursor(press) {
      if (pan) return "grabbing";
      const handle = press && grip.handleAt(press);
      if (handle) return handle.cursor;
      return bench.ui.hovered.peek() ? (bench.store.frozen.peek() ? "pointer" : "move") : "default";
    },
  };
};
