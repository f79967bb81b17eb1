/** A reviewer's acts: a verdict with its comments, and the fix. */
import type { Bench } from "../bench.ts";
import type { Verdict } from "../sync/phase.ts";

export function verdict(bench: Bench, kind: Verdict["verdict"], reason = "", key = "", to = 0): void {
  if (!bench.working || (kind === "fix" && !bench.complete())) return;
  addComment(bench);
  const comments = bench.ui.comments.peek().map(({ object, at, text }) => ({ text, ...(object ? { object } : {}), ...(at ? { at } : {}) }));
  void bench.desk.review({
    verdict: kind,
    ...(reason ? { reason } : {}),
    ...(key ? { reason_key: key } : {}),
    ...(to ? { to } : {}),
    ...(kind === "fix" ? { annotation: bench.store.document.peek() } : {}),
    ...(comments.length ? { comments } : {}),
  });
}

/** What is typed becomes a comment, pinned to the selected object. */
export function addComment(bench: Bench): void {
  const text = bench.ui.writing.peek().trim();
  if (!text) return;
  const object = bench.store.selected.peek();
  bench.ui.comments.value = [...bench.ui.comments.peek(), { object, at: object ? null : bench.round.place.peek(), text }];
  bench.round.place.value = null;
  bench.ui.writing.value = "";
}

export function fix(bench: Bench, on: boolean): void {
  const judged = bench.desk.bundle.peek()?.annotation;
  if (!on && judged) {
    bench.store.frozen.value = false;
    bench.store.load({ objects: judged.objects, item: judged.item });
    bench.desk.draft.peek()?.changed(bench.store.document.peek());
    bench.ui.tool.value = "select";
  }
  bench.ui.fixing.value = on;
  bench.store.frozen.value = !on;
}
