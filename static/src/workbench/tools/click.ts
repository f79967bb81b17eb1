/** A click that draws nothing chooses: the likeliest object, with Alt the next below, with Shift one more. */
import type { Bench } from "../bench.ts";
import type { Press } from "./tool.ts";

export function clicked(bench: Bench, began: Press, ended: Press): void {
  const under = bench.under(began.at);
  if (ended.shift && under.length) {
    bench.ui.fresh.value = null;
    return bench.store.toggleSelected(under[0]!.id);
  }
  const at = under.findIndex(({ id }) => id === bench.store.selected.peek());
  bench.choose((ended.alt ? under[(at + 1) % under.length] : under[0])?.id ?? null);
}
