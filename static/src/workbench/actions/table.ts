/** Everything that has a key, once: the keyboard, the toolbar and the help are all drawn from this table. */
import type { Bench } from "../bench.ts";
import { addInTheMiddle, middleKind } from "./middle.ts";
import { nudge, resize, stepTo, zoomToObject } from "./moving.ts";
import { deleteChosen, toggleChosen, undo } from "./choosing.ts";
import { labelsFor } from "../state/schema.ts";
import { FINDING } from "./finding.ts";
import { SHAPING, takeTool } from "./shaping.ts";
import { PAINTING, drawAgain } from "./painting.ts";
import { SUGGESTING } from "./suggesting.ts";
import { verdict, fix } from "./judging.ts";
import { ASKING } from "./asking.ts";
import { FRAMES } from "./frames.ts";
import { DECIDING } from "./deciding.ts";
import { REVIEWING } from "./reviewing.ts";
import { TEXT_ACTIONS } from "../text/actions.ts";

export interface Action {
  /** Words: "do.<name>" in words.ts. */
  name: string;
  group: "work" | "draw" | "objects" | "frames" | "view" | "text";
  keys: readonly string[];
  /** Also inside a text field. */
  always?: boolean;
  /** Only while the stage has the focus, so that Tab and the arrows stay what they are in the panels. */
  onStage?: boolean;
  when?(bench: Bench): boolean;
  run(bench: Bench): void;
}

const annotating = (bench: Bench): boolean => bench.working && bench.kind === "annotate";
const reviewing = (bench: Bench): boolean => bench.working && bench.kind === "review";
const judging = (bench: Bench): boolean => reviewing(bench) && !bench.ui.fixing.value;
const changing = (bench: Bench): boolean => bench.working && !bench.store.frozen.value;
const chosen = (bench: Bench): boolean => bench.working && bench.store.selected.value !== null;
const pictured = (bench: Bench): boolean => bench.hasPicture;
const drawing = (bench: Bench): boolean => changing(bench) && bench.hasPicture && bench.ui.label.value !== "";

const nudges = (["left", "right", "up", "down"] as const).flatMap((side): Action[] => {
  const [dx, dy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[side] as [number, number];
  const way = (name: string, prefix: string, run: (bench: Bench) => void): Action => ({
    name, group: "objects", keys: [`${prefix}arrow${side}`], onStage: true, when: pictured, run,
  });
  return [
    way("nudge", "", (bench) => nudge(bench, dx, dy)),
    way("nudge_far", "shift+", (bench) => nudge(bench, dx * 10, dy * 10)),
    way("size", "ctrl+", (bench) => resize(bench, dx, dy)),
    way("size_far", "ctrl+shift+", (bench) => resize(bench, dx * 10, dy * 10)),
  ];
});

export const ACTIONS: readonly Action[] = [
  ...FRAMES, // before the rest: in a group D and F lead from frame to frame
  { name: "submit", group: "work", keys: ["ctrl+enter", "f"], always: true, when: annotating, run: (bench) => bench.submit() },
  { name: "previous", group: "work", keys: ["d", "alt+d"], when: (bench) => bench.kind === "annotate", run: (bench) => (bench.ui.mine.value = true) },
  { name: "save", group: "work", keys: ["ctrl+s"], always: true, run: (bench) => void bench.desk.draft.peek()?.flush() },
  { name: "accept", group: "work", keys: ["a"], when: judging, run: (bench) => verdict(bench, "accept") },
  { name: "return", group: "work", keys: ["r"], when: judging, run: (bench) => (bench.ui.form.value = "return") },
  { name: "fix", group: "work", keys: ["e"], when: judging, run: (bench) => fix(bench, true) },
  {
    name: "submit_fix", group: "work", keys: ["ctrl+enter"], always: true,
    when: (bench) => reviewing(bench) && bench.ui.fixing.value, run: (bench) => verdict(bench, "fix"),
  },
  ...DECIDING,
  ...REVIEWING,
  ...ASKING,
  { name: "skip", group: "work", keys: ["shift+s"], when: (bench) => bench.working && !bench.config.run, run: (bench) => (bench.ui.form.value = "skip") },
  { name: "undo", group: "work", keys: ["ctrl+z"], when: (bench) => changing(bench) && (bench.store.depth.value.undo > 0 || bench.ui.sketched.value > 0), run: undo },
  {
    name: "redo", group: "work", keys: ["ctrl+shift+z", "ctrl+y"],
    when: (bench) => changing(bench) && bench.store.depth.value.redo > 0, run: (bench) => bench.store.redo(),
  },
  { name: "select_tool", group: "draw", keys: ["v"], when: pictured, run: (bench) => (bench.ui.tool.value = "select") },
  { name: "draw_again", group: "draw", keys: ["n"], when: drawing, run: drawAgain },
  { name: "box_tool", group: "draw", keys: ["b"], when: (bench) => changing(bench) && bench.hasPicture && labelsFor(bench.schema, "box").length > 0, run: (bench) => takeTool(bench, "box") },
  ...SHAPING,
  ...PAINTING,
  ...SUGGESTING,
  ...FINDING,
  { name: "box_middle", group: "draw", keys: ["shift+n"], when: (bench) => drawing(bench) && middleKind(bench) !== null, run: addInTheMiddle },
  { name: "let_go", group: "draw", keys: ["escape"], always: true, run: (bench) => bench.letGo() },
  { name: "next_object", group: "objects", keys: ["tab"], onStage: true, when: (bench) => bench.store.document.value.objects.length > 0, run: (bench) => stepTo(bench, 1) },
  { name: "previous_object", group: "objects", keys: ["shift+tab"], onStage: true, when: (bench) => bench.store.document.value.objects.length > 0, run: (bench) => stepTo(bench, -1) },
  {
    name: "delete", group: "objects", keys: ["delete", "backspace", "shift+d"],
    when: (bench) => changing(bench) && (chosen(bench) || bench.ui.sketched.value > 0), run: deleteChosen,
  },
  { name: "hide", group: "objects", keys: ["h"], when: chosen, run: (bench) => toggleChosen(bench, "hidden") },
  { name: "hide_all", group: "objects", keys: ["shift+h"], when: (bench) => bench.working, run: (bench) => bench.store.toggleAll("hidden") },
  { name: "lock", group: "objects", keys: ["l"], when: chosen, run: (bench) => toggleChosen(bench, "locked") },
  { name: "lock_all", group: "objects", keys: ["shift+l"], when: (bench) => bench.working, run: (bench) => bench.store.toggleAll("locked") },
  ...nudges,
  ...TEXT_ACTIONS,
  { name: "fit", group: "view", keys: ["home"], when: pictured, run: (bench) => bench.viewport.fit() },
  { name: "actual", group: "view", keys: ["\\"], when: pictured, run: (bench) => bench.viewport.zoomTo(1) },
  { name: "closer", group: "view", keys: ["+", "="], when: pictured, run: (bench) => bench.viewport.zoomBy(1.25) },
  { name: "farther", group: "view", keys: ["-"], when: pictured, run: (bench) => bench.viewport.zoomBy(0.8) },
  { name: "zoom_object", group: "view", keys: ["z"], when: (bench) => pictured(bench) && chosen(bench), run: (bench) => zoomToObject(bench) },
  { name: "names", group: "view", keys: ["t"], when: pictured, run: (bench) => (bench.ui.names.value = !bench.ui.names.peek()) },
  { name: "region", group: "view", keys: ["f6"], always: true, run: () => nextRegion() },
  { name: "help", group: "view", keys: ["?", "f1"], run: (bench) => (bench.ui.help.value = !bench.ui.help.peek()) },
];

/** Focus goes round the parts of the page; the stage keeps Tab for its objects, so there must be another way out. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const region = regions[(at + 1) % regions.length];
  const inside = region?.matches("[tabindex]") ? region : region?.querySelector<HTMLElement>("button:not(:disabled), a, input, select, textarea");
  inside?.focus();
}

export function actionNamed(name: string): Action {
  return ACTIONS.find((action) => action.name === name)!;
}
