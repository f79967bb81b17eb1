/** What is said about work that was kept. */
import type { Bench } from "../bench.ts";
import type { Restored } from "../sync/keeper.ts";
import type { Difference } from "../sync/restoring.ts";
import { asText, copyText } from "../sync/leaving.ts";
import type { AnnotationDocument } from "../sync/bundle.ts";

/** "2 added, 1 removed"; or that nothing differs. */
export function inWords(bench: Bench, { added, removed, changed, item }: Difference): string {
  const parts = [["n_added", added.length], ["n_removed", removed.length], ["n_changed", changed.length], ["n_item", item.length]] as const;
  return parts.filter(([, n]) => n).map(([key, n]) => bench.say(key, { n })).join(", ") || bench.say("n_same");
}

export function clockTime(bench: Bench, at: number): string {
  const day: Intl.DateTimeFormatOptions = Date.now() - at > 12 * 3600e3 ? { month: "short", day: "numeric" } : {};
  return new Date(at).toLocaleString(bench.config.language, { hour: "2-digit", minute: "2-digit", ...day });
}

export function tellRestored(bench: Bench, { at, what, words }: Restored): void {
  const parts = [inWords(bench, what), words ? bench.say("n_words", { n: words }) : ""];
  bench.tell("restored", "good", { time: clockTime(bench, at), what: parts.filter(Boolean).join(", ") });
}

/** On after a task went out of one's hands: the same again when it is still free, else another, and what was done is told of. */
export async function goOn(bench: Bench): Promise<void> {
  const before = bench.desk.bundle.peek();
  await bench.desk.start();
  const kept = bench.keeper.kept().some(({ task }) => task === before?.task.id);
  if (!before || !kept || bench.desk.phase.peek().name === "failed") return;
  bench.ui.message.value = {
    text: bench.say("ended_elsewhere", { name: before.item.key }), tone: "warn", act: { word: bench.say("kept_show"), run: () => (bench.ui.kept.value = true) },
  };
}

export async function copyWork(bench: Bench, document: AnnotationDocument): Promise<void> {
  const done = await copyText(asText(document));
  bench.tell(done ? "copied_work" : "copy_failed", done ? "good" : "bad");
}
