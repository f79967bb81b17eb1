/** Beside the picture: what changed since the last round, and the verdict just given. */
import type { Bench } from "../bench.ts";
import { changeStepped, step, takeBack } from "../actions/reviewing.ts";
import { zoomToObject } from "../actions/moving.ts";
import { titled } from "../../kit/words.ts";
import { labelOf, optionsOf } from "../state/schema.ts";
import type { Change } from "../state/changes.ts";
import type { Attribute, Attributes, AttributeValue } from "../sync/bundle.ts";
import { Keys, Sign } from "./parts.tsx";

export function title(bench: Bench, name: string | undefined): string {
  const label = name ? labelOf(bench.schema, name) : undefined;
  return label ? titled(label, bench.config.language) : (name ?? bench.say("the_item"));
}

/** All that happened to one object is one line. */
function lines(changes: readonly Change[]): { id: string; label: string | undefined; kinds: Change[] }[] {
  const found = new Map<string, Change[]>();
  for (const change of changes) found.set(change.id ?? "", [...(found.get(change.id ?? "") ?? []), change]);
  return [...found].map(([id, kinds]) => ({ id, label: kinds[0]!.label, kinds }));
}

export function Changes({ bench }: { bench: Bench }) {
  const { round } = bench;
  if (!round.changes.value.length) return null;
  const pick = (id: string): void => {
    bench.choose(bench.store.byId.peek().has(id) ? id : null);
    zoomToObject(bench);
  };
  return (
    <section class="stack changes" aria-label={bench.say("changes")}>
      <div class="row"><h2>{bench.say("changes")} <span class="q">{lines(round.changes.value).length}</span></h2><Next bench={bench} /></div>
      <ul class="stack">
        {lines(round.changes.value).map(({ id, label, kinds }) => (
          <li key={id} class={id && id === changeStepped(bench) ? "row s wrap on" : "row s wrap"}>
            <button type="button" class="link" onClick={() => pick(id)}>{title(bench, label)}</button>
            {kinds.map((change) => <><span class={`mark ${change.change}`}>{bench.say(`change.${change.change}`)}</span><Was bench={bench} change={change} /></>)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What it was before, in words: the label, and the attributes that changed. */
function Was({ bench, change }: { bench: Bench; change: Change }) {
  if (change.change === "relabelled") return <span class="q">{bench.say("was", { label: title(bench, String(change.before)) })}</span>;
  if (change.change !== "attributes") return null;
  const [before, after] = [change.before, change.after] as [Attributes, Attributes];
  const schema = change.id ? labelOf(bench.schema, change.label ?? "")?.attributes : bench.schema.item;
  return <span class="q">{Object.keys(after).map((name, place) => (
    <>{place > 0 && "; "}{saying(bench, schema, name, before[name] ?? undefined)} <Sign text="→" /> {worded(bench, schema, name, after[name] ?? undefined)}</>
  ))}</span>;
}

/** Where a list can be stepped through by key. */
export function Next({ bench }: { bench: Bench }) {
  return <button type="button" class="btn ghost small end" aria-keyshortcuts="Shift+E" onClick={() => step(bench, 1)}>{bench.say("next_one")}<Keys keys="shift+e" /></button>;
}

/** An attribute and its value as words, e.g. "occluded: yes". */
export function saying(bench: Bench, schema: readonly Attribute[] | undefined, name: string, value: AttributeValue | undefined): string {
  const attribute = schema?.find((one) => one.name === name);
  return `${attribute ? titled(attribute, bench.config.language) : name}: ${worded(bench, schema, name, value)}`;
}

function worded(bench: Bench, schema: readonly Attribute[] | undefined, name: string, value: AttributeValue | undefined): string {
  const attribute = schema?.find((one) => one.name === name);
  const option = (one: string): string => titled((attribute ? optionsOf(attribute) : []).find((known) => known.name === one) ?? { name: one }, bench.config.language);
  return value === undefined ? bench.say("unset")
    : typeof value === "boolean" ? bench.say(value ? "yes" : "no")
    : Array.isArray(value) ? value.map(option).join(", ") : typeof value === "string" ? option(value) : String(value);
}

/** Just after a verdict, also when nothing is left to judge: one key takes it back. */
export function JudgedNotice({ bench }: { bench: Bench }) {
  const judged = bench.round.judged.value;
  if (!judged) return null;
  return (
    <div class="float bl row judged" role="status">
      <span>{bench.say(bench.kind === "adjudicate" && judged.verdict === "fix" ? "judged.decided" : `judged.${judged.verdict}`)}</span>
      <button type="button" class="btn small" onClick={() => void takeBack(bench)} aria-keyshortcuts="Shift+U">{bench.say("take_back")}<Keys keys="shift+u" /></button>
    </div>
  );
}
