/** Not knowing: the guidelines beside the picture, and a question to who knows. */
import type { Bench } from "../bench.ts";
import type { Action } from "./table.ts";

export interface Example {
  label: string;
  good: boolean;
  text: string;
  url: string | null;
}
export interface Guidelines {
  number: number;
  html: string;
  message: string;
  examples: readonly Example[];
}

const place = (bench: Bench): string => `/projects/${bench.config.queue.project!.id}/guidelines`;

/** Opens or closes them; they are fetched each time, since they are written while people work. */
export async function guidelines(bench: Bench): Promise<void> {
  const { asking } = bench;
  if (asking.open.peek()) return void (asking.open.value = false);
  asking.open.value = true;
  try {
    const { data } = await bench.client.call<{ results: Guidelines[] }>("GET", `${place(bench)}?limit=1`);
    asking.guidelines.value = data?.results[0] ?? null;
    asking.state.value = "there";
  } catch {
    asking.state.value = "failed";
  }
}

/** The version that is shown was read: it is not brought up again. */
export async function acknowledge(bench: Bench): Promise<void> {
  const number = bench.asking.guidelines.peek()?.number;
  bench.asking.open.value = false;
  if (!number) return;
  bench.asking.seen.value = Math.max(bench.asking.seen.peek(), number);
  await bench.client.call("POST", `${place(bench)}/seen`, { body: { number } }).catch(() => undefined);
}

/** A version that this person has not said to have read is laid beside the picture by itself, once. */
export function bringUp(bench: Bench): void {
  const { asking } = bench;
  const known = bench.desk.bundle.peek()?.guidelines;
  if (!known || bench.kind === "adjudicate") return;
  asking.seen.value = Math.max(asking.seen.peek(), known.seen);
  asking.newest.value = known.number;
  if (known.number > asking.seen.peek() && known.number > asking.brought) {
    asking.brought = known.number;
    if (!asking.open.peek()) void guidelines(bench);
  }
}

/** Parks the item with the question; it comes back with the answer. */
export async function ask(bench: Bench, text: string, at: [number, number] | null): Promise<void> {
  const object = bench.store.selected.peek();
  const sent = await bench.desk.ask({ text, ...(object ? { object } : {}), ...(at ? { at } : {}) });
  if (sent) bench.tell("asked", "good");
}

/** Returned work that its author thinks is right, and that nobody has decided about yet. */
export function disputable(bench: Bench): boolean {
  const back = bench.desk.bundle.value?.returned;
  return bench.working && bench.kind === "annotate" && Boolean(back?.review) && !back?.dispute;
}

/** Says why it should not have come back; somebody else decides. */
export async function dispute(bench: Bench, text: string): Promise<void> {
  const review = bench.desk.bundle.peek()?.returned?.review;
  if (review !== undefined && (await bench.desk.dispute(review, text))) bench.tell("disputed", "good");
}

export const ASKING: readonly Action[] = [
  { name: "guidelines", group: "view", keys: ["g"], when: (bench) => bench.config.queue.project !== undefined, run: (bench) => void guidelines(bench) },
  { name: "dispute", group: "work", keys: ["alt+r"], when: disputable, run: (bench) => (bench.ui.form.value = "dispute") },
  { name: "ask", group: "work", keys: ["shift+a"], when: (bench) => bench.working, run: (bench) => (bench.ui.form.value = "ask") },
];
