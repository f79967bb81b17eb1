/** What has a key while a text is on the page; part of the one table of actions. */
import type { Action } from "../actions/table.ts";
import type { Bench } from "../bench.ts";
import { moveCaret, stretchSeen, type Move } from "./caret.ts";

const marking = (bench: Bench): boolean => bench.text.marks && bench.working && !bench.store.frozen.value;
const linking = (bench: Bench): boolean => marking(bench) && bench.text.links.possible;
const asking = (bench: Bench): boolean => bench.working && !bench.store.frozen.value && bench.text.questions.all.length > 0;
const answering = (bench: Bench): boolean => asking(bench) && document.activeElement?.matches(".side .item input") === true;

const MOVES: Record<Move, string> = { left: "arrowleft", right: "arrowright", up: "arrowup", down: "arrowdown", home: "home", end: "end", top: "ctrl+home", bottom: "ctrl+end" };
const moves = (Object.entries(MOVES) as [Move, string][]).flatMap(([move, key]): Action[] => [
  { name: "text_caret", group: "text", keys: [key], onStage: true, when: marking, run: (bench) => moveCaret(bench, move, false) },
  { name: "text_extend", group: "text", keys: [key.startsWith("ctrl+") ? key.replace("ctrl+", "ctrl+shift+") : `shift+${key}`], onStage: true, when: marking, run: (bench) => moveCaret(bench, move, true) },
]);
const edges = (["left", "right"] as const).flatMap((side): Action[] => [
  { name: "text_end", group: "text", keys: [`ctrl+arrow${side}`], onStage: true, when: marking, run: (bench) => stretchSeen(bench, "end", side) },
  { name: "text_start", group: "text", keys: [`ctrl+shift+arrow${side}`], onStage: true, when: marking, run: (bench) => stretchSeen(bench, "start", side) },
]);

/** Enter takes what is pointed at while a relation is made, else marks what is selected. */
function enter(bench: Bench): void {
  const { links } = bench.text;
  const over = links.making.peek()?.over;
  if (over) links.take(over);
  else bench.text.mark(bench.ui.label.peek());
}

export const TEXT_ACTIONS: readonly Action[] = [
  { name: "text_mark", group: "text", keys: ["enter"], onStage: true, when: marking, run: enter },
  {
    name: "text_grain", group: "text", keys: ["w"], when: marking,
    run: ({ text }) => (text.grain.value = text.grain.peek() === "word" ? "character" : "word"),
  },
  { name: "text_relation", group: "text", keys: ["r"], when: linking, run: (bench) => bench.text.links.begin() },
  ...moves,
  ...edges,
  { name: "text_question", group: "text", keys: ["q"], when: asking, run: (bench) => bench.text.questions.turn(1) },
  { name: "text_question_done", group: "text", keys: ["enter"], always: true, when: answering, run: (bench) => bench.text.questions.turn(1) },
  { name: "text_question_back", group: "text", keys: ["shift+q"], when: asking, run: (bench) => bench.text.questions.turn(-1) },
];
