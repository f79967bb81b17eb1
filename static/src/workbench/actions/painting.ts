/** Tools and edits of masks, and the quick outline, as entries of the table of actions. */
import type { Bench } from "../bench.ts";
import { warm } from "../assist/outline.ts";
import { isMask } from "../shapes/pixels.ts";
import { labelsFor } from "../state/schema.ts";
import { convert, fillHoles } from "./masks.ts";
import { outlineBoxes, refineAgain } from "./outlining.ts";
import { takeTool } from "./shaping.ts";
import type { Action } from "./table.ts";

const changing = (bench: Bench): boolean => bench.working && bench.hasPicture && !bench.store.frozen.value;
const masks = (bench: Bench): boolean => changing(bench) && labelsFor(bench.schema, "mask").length > 0;
const outlined = (bench: Bench): boolean => changing(bench) && (labelsFor(bench.schema, "polygon").length > 0 || labelsFor(bench.schema, "mask").length > 0);
const PAINTS = new Set(["brush", "eraser"]);
const painting = (bench: Bench): boolean => changing(bench) && PAINTS.has(bench.ui.tool.value);
const chosen = (...kinds: string[]) => (bench: Bench): boolean => changing(bench) && kinds.includes(bench.store.current.value?.kind ?? "");

/** The brush once more begins another mask. */
function brush(bench: Bench): void {
  if (bench.ui.tool.peek() === "brush" && isMask(bench.store.current.peek())) bench.choose(null);
  takeTool(bench, "brush");
}

function takeOutline(bench: Bench): void {
  bench.take("outline");
  refineAgain(bench);
  setTimeout(warm, 50);
}

/** N: the same label again. A mask would go on being painted: it is let go of first. */
export function drawAgain(bench: Bench): void {
  bench.takeLabel(bench.ui.label.peek());
  if (bench.ui.tool.peek() === "brush") bench.choose(null);
}

export const PAINTING: readonly Action[] = [
  { name: "brush_tool", group: "draw", keys: ["m"], when: masks, run: brush },
  { name: "eraser_tool", group: "draw", keys: ["shift+m"], when: masks, run: (bench) => bench.take("eraser") },
  { name: "fill_tool", group: "draw", keys: ["shift+f"], when: masks, run: (bench) => bench.take("fill") },
  { name: "outline_tool", group: "draw", keys: ["o"], when: outlined, run: takeOutline },
  { name: "outline_boxes", group: "objects", keys: ["alt+o"], when: (bench) => outlined(bench) && chosen("box")(bench), run: outlineBoxes },
  { name: "fill_holes", group: "objects", keys: ["shift+g"], when: chosen("mask"), run: fillHoles },
  { name: "convert", group: "objects", keys: ["alt+m"], when: chosen("mask", "polygon"), run: convert },
  { name: "finer", group: "draw", keys: ["["], when: painting, run: (bench) => bench.ui.painting.resize(-1) },
  { name: "thicker", group: "draw", keys: ["]"], when: painting, run: (bench) => bench.ui.painting.resize(1) },
  {
    name: "apart", group: "draw", keys: ["alt+g"], when: masks,
    run: ({ ui: { painting: { apart } } }) => (apart.value = !apart.peek()),
  },
];
