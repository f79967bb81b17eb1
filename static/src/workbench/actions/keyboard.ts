/** Listens to the keyboard and runs what the table, or a label's key, says. */
import type { Bench } from "../bench.ts";
import { chord, typing } from "./keys.ts";
import { pressedOption } from "../state/schema.ts";
import { ACTIONS } from "./table.ts";
import { keysOf } from "./keymap.ts";
import { pickLabel } from "./drawing.ts";

export function pressed(bench: Bench, event: KeyboardEvent, stage: Element | null): boolean {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return false;
  const keys = chord(event);
  const field = typing(event.target);
  if (bench.ui.finder.peek() || bench.ui.mine.peek() || bench.ui.kept.peek() || bench.keeper.choice.peek() || bench.session.who.peek() === "other") return false;
  if (bench.ui.help.peek() && keys !== "escape" && keys !== "?" && keys !== "f1") return false;
  const target = event.target as Element | null;
  const onStage = target === stage || target === document.body;
  for (const action of ACTIONS) {
    if (!keysOf(action).includes(keys) || (field && !action.always) || (action.onStage && !onStage)) continue;
    if (action.when && !action.when(bench)) continue;
    if (field && keys !== "escape") (target as HTMLElement).blur(); // what is half typed counts
    action.run(bench);
    return true;
  }
  if (field || !bench.working || bench.store.frozen.peek()) return false;
  const choice = bench.choice;
  for (const [option, key] of choice?.keys ?? []) {
    if (key !== keys) continue;
    const { name, multiple } = choice!;
    bench.store.setItem(name, pressedOption(bench.store.document.peek().item[name], option, multiple));
    bench.text.questions.answered(name, multiple);
    return true;
  }
  for (const [name, key] of bench.labelKeys) {
    if (key !== keys) continue;
    pickLabel(bench, name);
    return true;
  }
  return false;
}

export function listenToKeys(bench: Bench, stage: () => Element | null): void {
  addEventListener("keydown", (event) => {
    bench.desk.beat();
    if (pressed(bench, event, stage())) event.preventDefault();
    else if (chord(event) === "ctrl+s") event.preventDefault(); // never the browser's "save page"
  });
}
