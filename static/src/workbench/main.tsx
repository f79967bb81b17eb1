/** Mounts the workbench: reads what the page was given, wires keys and the page's comings and goings. */
import { render } from "preact";
import { embedded } from "../kit/page.ts";
import { words } from "../kit/words.ts";
import { listenToKeys } from "./actions/keyboard.ts";
import { ownKeys } from "./actions/keymap.ts";
import { Bench } from "./bench.ts";
import { comeAndGo, opened } from "./sync/comings.ts";
import { Page } from "./panels/page.tsx";
import "./shapes/box.ts";
import "./shapes/mask.ts";
import "./shapes/outline.ts";
import "./tools/all.ts";
import type { Config } from "./sync/bundle.ts";
import { CATALOGUES, ENGLISH } from "./words.ts";

const config = embedded<Config>("workbench-config");
const root = document.getElementById("workbench");
if (config && root) {
  const language = config.language.toLowerCase();
  const say = words(CATALOGUES[language] ?? CATALOGUES[language.split("-")[0]!] ?? {}, ENGLISH);
  const bench = new Bench(config, say);
  ownKeys.value = config.keys ?? {};
  render(<Page bench={bench} />, root);
  const stage = (): HTMLElement | null => root.querySelector(".reading") ?? root.querySelector(".canvas");
  listenToKeys(bench, stage);
  comeAndGo(bench);
  void opened(bench).then(() => stage()?.focus({ preventScroll: true }));
}
