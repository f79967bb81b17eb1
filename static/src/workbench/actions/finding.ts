/** Actions that find and keep: the palette, a label by its name, one's own answers, work that this browser kept. */
import { titled } from "../../kit/words.ts";
import { search } from "../../kit/fuzzy.ts";
import type { Bench } from "../bench.ts";
import type { Label } from "../sync/bundle.ts";
import { CATALOGUES } from "../words.ts";
import { pickLabel } from "./drawing.ts";
import { keysOf } from "./keymap.ts";
import { ACTIONS, type Action } from "./table.ts";

const labelling = (bench: Bench): boolean => bench.working && !bench.store.frozen.value && bench.schema.labels.length > 1;

export const FINDING: readonly Action[] = [
  { name: "palette", group: "work", keys: ["ctrl+k"], always: true, run: (bench) => (bench.ui.finder.value = "actions") },
  { name: "find_label", group: "draw", keys: ["/", "`"], when: labelling, run: (bench) => (bench.ui.finder.value = "labels") },
  { name: "kept_work", group: "work", keys: [], run: (bench) => (bench.ui.kept.value = true) },
];

export interface Choice {
  id: string;
  text: string;
  keys: string | undefined;
  label: Label | null;
  names: string[];
  run(): void;
}

const place = ({ config }: Bench): string => `sluice.labels.${config.person.id}.${config.queue.id}`;

/** Labels lately found here by this person, newest first. */
function recent(bench: Bench): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(place(bench)) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function used(bench: Bench, name: string): void {
  try {
    localStorage.setItem(place(bench), JSON.stringify([name, ...recent(bench).filter((one) => one !== name)].slice(0, 20)));
  } catch {
    // Only the order of a list.
  }
}

function labels(bench: Bench, bare: boolean): Choice[] {
  const before = recent(bench);
  const rank = (name: string): number => (before.includes(name) ? before.indexOf(name) : before.length);
  return bench.schema.labels.slice().sort((a, b) => rank(a.name) - rank(b.name)).map((label) => {
    const title = titled(label, bench.config.language);
    return {
      id: `label ${label.name}`, text: bare ? title : bench.say("use_label", { name: title }), keys: bench.labelKeys.get(label.name), label,
      names: [label.name, ...Object.values(label.title ?? {})],
      run: () => {
        used(bench, label.name);
        pickLabel(bench, label.name);
      },
    };
  });
}

function actions(bench: Bench): Choice[] {
  const seen = new Set(["palette", "let_go", "nudge", "nudge_far", "size", "size_far"]);
  return ACTIONS.filter((action) => !seen.has(action.name) && seen.add(action.name) && action.when?.(bench) !== false).map((action) => ({
    id: action.name, text: bench.say(`do.${action.name}`), keys: keysOf(action)[0], label: null,
    names: [...new Set(Object.values(CATALOGUES).map((words) => words[`do.${action.name}` as keyof typeof words]))],
    run: () => action.run(bench),
  }));
}

/** What fits the query; labels that fit as well as an action come after it. */
export function choices(bench: Bench, mode: "actions" | "labels", query: string): Choice[] {
  const all = mode === "labels" ? labels(bench, true) : [...actions(bench), ...(labelling(bench) ? labels(bench, false) : [])];
  return search(query, all, ({ names }) => names).slice(0, 60);
}
