/** Fill: a click into a region that a mask closes in (with its neighbours, when the brush is to leave those alone). */
import { others, store, target } from "../actions/masks.ts";
import { filledAt } from "../geometry/flood.ts";
import { within } from "../geometry/plane.ts";
import { frameOf, isMask, pixelsOfMask } from "../shapes/pixels.ts";
import type { MakeTool } from "./tool.ts";

export const fillTool: MakeTool = (bench) => ({
  down({ at }) {
    const chosen = target(bench);
    const hidden = new Set([...bench.store.hidden.peek(), ...bench.store.locked.peek()]);
    const around = bench.store.document.peek().objects
      .filter(isMask)
      .filter((object) => object !== chosen && !hidden.has(object.id) && within(frameOf(object).bounds, at))
      .sort((a, b) => frameOf(a).area - frameOf(b).area);
    for (const mask of chosen ? [chosen, ...around] : around) {
      const filled = filledAt(pixelsOfMask(mask).raster, at.x, at.y, others(bench, mask));
      if (!filled) continue;
      bench.choose(mask.id);
      return store(bench, mask, filled);
    }
    bench.tell("fill_open", "warn");
  },
  move() {},
  up() {},
  cancel: () => false,
  cursor: () => "cell",
});
