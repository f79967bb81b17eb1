/** The page's comings and goings: signs of life, out of sight and back, the network, and leaving. */
import type { Bench } from "../bench.ts";

/** A journal that does not answer must not keep anybody from work. */
const PATIENCE = 1500;

export async function opened(bench: Bench): Promise<void> {
  await Promise.race([bench.keeper.ready(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  await bench.desk.start();
}

export function comeAndGo(bench: Bench): void {
  const flush = (): void => void bench.desk.draft.peek()?.flush();
  const back = (): void => {
    if (bench.session.who.peek() !== "same") void bench.session.check();
  };
  addEventListener("pointermove", () => bench.desk.beat(), { passive: true });
  addEventListener("pagehide", () => bench.desk.farewell());
  addEventListener("pageshow", (event) => event.persisted && location.reload()); // what the browser kept is no longer ours
  addEventListener("online", flush);
  addEventListener("focus", back);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return flush();
    bench.desk.resume();
    back();
  });
  setInterval(() => {
    if (!document.hidden) back();
  }, 4000);
  // Only what neither the server nor this browser's journal has would be lost.
  addEventListener("beforeunload", (event) => {
    if (bench.store.dirty.peek() && bench.journal.writing.peek()) event.preventDefault();
  });
}
