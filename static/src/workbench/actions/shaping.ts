/** The tools and edits of drawn shapes, as entries of the table of actions. */
import type { Bench } from "../bench.ts";
import { kindOf, type ToolName } from "../tools/registry.ts";
import { labelOf, labelsFor } from "../state/schema.ts";
import { PLAIN, stepped, isPlain } from "../state/view.ts";
import { chooseAll, hideOthers, removePoint, reorder } from "./choosing.ts";
import { copyObjects, duplicateObjects, hasCopies, pasteObjects } from "./copying.ts";
import { mergeObjects } from "./joining.ts";
import { toggleVisibility } from "./keypointing.ts";
import { turn } from "./moving.ts";
import { refined } from "./outlining.ts";
import { addVertex, vertex, vertexed, walk } from "./vertices.ts";
import type { Action } from "./table.ts";

const changing = (bench: Bench): boolean => bench.working && bench.hasPicture && !bench.store.frozen.value;
const chosen = (bench: Bench): boolean => bench.working && bench.hasPicture && bench.store.selected.value !== null;
const editing = (bench: Bench): boolean => changing(bench) && bench.store.selected.value !== null;
const pictured = (bench: Bench): boolean => bench.hasPicture;
const polygon = (bench: Bench): boolean => editing(bench) && bench.store.current.value?.kind === "polygon";

/** The tool, and when the label in the hand is not drawn that way, the first label that is. */
export function takeTool(bench: Bench, tool: ToolName): void {
  const kind = kindOf(tool);
  const label = labelOf(bench.schema, bench.ui.label.peek());
  if (kind && !label?.kinds.includes(kind)) bench.ui.label.value = labelsFor(bench.schema, kind)[0]?.name ?? "";
  bench.take(tool);
}

const tool = (name: string, keys: readonly string[]): Action => ({
  name: `${name}_tool`, group: "draw", keys,
  when: (bench) => changing(bench) && labelsFor(bench.schema, kindOf(name) ?? "box").length > 0,
  run: (bench) => takeTool(bench, name),
});
const edit = (name: string, keys: readonly string[], run: (bench: Bench) => void, when = editing): Action => ({ name, group: "objects", keys, onStage: true, when, run });
const look = (name: string, keys: readonly string[], run: (bench: Bench) => void, when = pictured): Action => ({ name, group: "view", keys, when, run });
const onTool = (act: "finish" | "skip") => (bench: Bench): void => {
  bench.stage?.tool?.[act]?.();
  bench.stage?.touch();
};
const sketching = (bench: Bench): boolean => changing(bench) && (bench.ui.sketched.value > 0 || refined(bench) !== null);

export const SHAPING: readonly Action[] = [
  tool("extreme", ["x"]),
  tool("rotated", ["shift+b"]),
  tool("polygon", ["p"]),
  tool("polyline", ["shift+p"]),
  tool("point", ["i"]),
  tool("keypoints", ["k"]),
  { name: "hole_tool", group: "draw", keys: ["alt+p"], when: polygon, run: (bench) => bench.take("hole") },
  { name: "split_tool", group: "draw", keys: ["alt+j"], when: (bench) => changing(bench) && bench.store.document.value.objects.length > 0, run: (bench) => bench.take("split") },
  { name: "finish", group: "draw", keys: ["enter"], onStage: true, when: sketching, run: onTool("finish") },
  { name: "skip_point", group: "draw", keys: ["s"], when: (bench) => changing(bench) && bench.ui.hint.value !== null, run: onTool("skip") },
  { name: "visibility", group: "draw", keys: ["q"], when: (bench) => changing(bench) && (bench.ui.hint.value !== null || bench.store.current.value?.kind === "keypoints"), run: toggleVisibility },
  edit("remove_point", ["shift+delete", "shift+backspace"], removePoint),
  edit("next_vertex", ["w"], (bench) => walk(bench, 1), vertexed),
  edit("previous_vertex", ["alt+w"], (bench) => walk(bench, -1), vertexed),
  edit("add_vertex", ["insert", "shift+i"], addVertex, (bench) => changing(bench) && vertex(bench) !== null),
  edit("choose_all", ["ctrl+a"], chooseAll, (bench) => bench.working && bench.store.document.value.objects.length > 0),
  edit("duplicate", ["ctrl+d"], duplicateObjects),
  edit("copy", ["ctrl+c"], copyObjects, chosen),
  edit("paste", ["ctrl+v"], pasteObjects, (bench) => changing(bench) && hasCopies()),
  edit("front", ["ctrl+]"], (bench) => reorder(bench, "front")),
  edit("back", ["ctrl+["], (bench) => reorder(bench, "back")),
  edit("merge", ["j"], mergeObjects, (bench) => editing(bench) && bench.store.selection.value.length > 1),
  edit("turn_left", [","], (bench) => turn(bench, -1)),
  edit("turn_right", ["."], (bench) => turn(bench, 1)),
  edit("turn_left_far", ["<"], (bench) => turn(bench, -15)),
  edit("turn_right_far", [">"], (bench) => turn(bench, 15)),
  { name: "hide_others", group: "objects", keys: ["alt+h"], when: chosen, run: hideOthers },
  look("brighter", ["alt+arrowup"], (bench) => (bench.ui.view.value = stepped(bench.ui.view.peek(), "brightness", 1))),
  look("darker", ["alt+arrowdown"], (bench) => (bench.ui.view.value = stepped(bench.ui.view.peek(), "brightness", -1))),
  look("harder", ["alt+arrowright"], (bench) => (bench.ui.view.value = stepped(bench.ui.view.peek(), "contrast", 1))),
  look("softer", ["alt+arrowleft"], (bench) => (bench.ui.view.value = stepped(bench.ui.view.peek(), "contrast", -1))),
  look("invert", ["alt+i"], (bench) => (bench.ui.view.value = { ...bench.ui.view.peek(), invert: !bench.ui.view.peek().invert })),
  look("plain", ["alt+0"], (bench) => (bench.ui.view.value = PLAIN), (bench) => pictured(bench) && !isPlain(bench.ui.view.value)),
  look("cross", ["shift+c"], (bench) => (bench.ui.cross.value = !bench.ui.cross.peek())),
];
