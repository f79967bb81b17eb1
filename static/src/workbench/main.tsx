/** Mounts the workbench: reads what the page was given, wires keys and the page's comings and goings. */
import { render } from "preact";
import { embedded } from "../kit/page.ts";
import { words } from "../kit/words.ts";
import { listenToKeys } from "./actions/keyboard.ts";
import { TAKEN } from "./actions/table.ts";
import { Bench } from "./bench.ts";
import { Page } from "./panels/page.tsx";
import "./shapes/box.ts";
import "./shapes/mask.ts";
import "./shapes/outline.ts";
import type { Config } from "./sync/bundle.ts";
import { CATALOGUES, ENGLISH } from "./words.ts";

const config = embedded<Config>("workbench-config");
const root = document.getElementById("workbench");
if (config && root) {
  const language = config.language.toLowerCase();
  const say = words(CATALOGUES[language] ?? CATALOGUES[language.split("-")[0]!] ?? {}, ENGLISH);
  const bench = new Bench(config, say);
  bench.taken = TAKEN;
  render(<Page bench={bench} />, root);
  const stage = (): HTMLElement | null => root.querySelector(".canvas");
  listenToKeys(bench, stage);
  addEventListener("pointermove", () => bench.desk.beat(), { passive: true });
  addEventListener("pagehide", () => bench.desk.farewell());
  addEventListener("pageshow", (event) => event.persisted && location.reload()); // what the browser kept is no longer ours
  addEventListener("online", () => void bench.desk.draft.peek()?.flush());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) void bench.desk.draft.peek()?.flush();
    else bench.desk.resume();
  });
  addEventListener("beforeunload", (event) => {
    const state = bench.desk.draft.peek()?.state.peek();
    if (bench.desk.phase.peek().name === "sending" || state === "offline" || state === "refused") event.preventDefault();
  });
  void bench.desk.start().then(() => stage()?.focus({ preventScroll: true }));
}
