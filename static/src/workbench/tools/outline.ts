/** The quick outline as a tool: drag a box around an object; then each click adds a place to it, with Alt takes one out, until
 * Enter keeps it. Otherwise a click chooses. Objects in the way do not matter. */
import { keepOutline, outline, refine, refined } from "../actions/outlining.ts";
import { distance, type Rect } from "../geometry/plane.ts";
import { sketchMark } from "../view/sketch.ts";
import { drawn } from "./box.ts";
import { SHAKE, type MakeTool, type Press } from "./tool.ts";

export const outlineTool: MakeTool = (bench) => {
  let from: Press | null = null;
  let now: Press | null = null;

  const rect = (): Rect | null => {
    if (!from || !now || distance(from.screen, now.screen) < SHAKE) return null;
    const box = drawn(from.at, now.at, { shift: now.shift, alt: now.alt }, bench.viewport.picture);
    return box.w >= 3 && box.h >= 3 ? box : null;
  };

  return {
    down(press) {
      from = now = press;
    },
    move(press) {
      if (from) now = press;
    },
    up(press) {
      if (!from) return;
      now = press;
      const [box, began] = [rect(), from];
      from = now = null;
      if (box) outline(bench, box);
      else if (!refine(bench, began.at, !began.alt)) bench.choose(bench.under(began.at)[0]?.id ?? null);
    },
    cancel() {
      const had = from !== null;
      from = now = null;
      return had;
    },
    finish: () => keepOutline(bench),
    cursor: () => "crosshair",
    paint(context) {
      for (const { belongs, ...at } of refined(bench)?.marks ?? []) sketchMark(context, bench.viewport.toScreen(at), belongs);
      const box = rect();
      if (box) bench.stage?.paintRect(context, box);
    },
  };
};
