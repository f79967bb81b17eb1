/** Beside the picture: what changed since the last round, where answers differ, and the verdict just given. */
import type { Bench } from "../bench.ts";
import { changeStepped, step, take, takeBack } from "../actions/reviewing.ts";
import { zoomToObject } from "../actions/moving.ts";
import { titled } from "../../kit/words.ts";
import { shapeOf } from "../shapes/shape.ts";
import { differing } from "../state/likeness.ts";
import { labelOf, optionsOf } from "../state/schema.ts";
import { NEITHER, type Dispute } from "../state/sides.ts";
import type { Change } from "../state/changes.ts";
import type { Attribute, Attributes, AttributeValue } from "../sync/bundle.ts";
import { SIDES } from "../view/changed.ts";
import { Keys, Swatch } from "./parts.tsx";

function title(bench: Bench, name: string | undefined): string {
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
  return <span class="q">{Object.keys(after).map((name) => `${saying(bench, schema, name, before[name] ?? undefined)} → ${worded(bench, schema, name, after[name] ?? undefined)}`).join("; ")}</span>;
}

/** Where a list can be stepped through by key. */
export function Next({ bench }: { bench: Bench }) {
  return <button type="button" class="btn ghost small end" aria-keyshortcuts="Shift+E" onClick={() => step(bench, 1)}>{bench.say("next_one")}<Keys keys="shift+e" /></button>;
}

/** An attribute and its value as words, e.g. "occluded: yes". */
function saying(bench: Bench, schema: readonly Attribute[] | undefined, name: string, value: AttributeValue | undefined): string {
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

/** What one side has at a disagreement: with size where only the place differs, with attributes where those do. */
function has(bench: Bench, dispute: Dispute, side: number): string {
  const { item } = dispute;
  if (item) return item.names.map((name) => saying(bench, bench.schema.item, name, item.values[side]![name])).join("; ");
  const objects = dispute.has[side]!;
  if (!objects.length) return bench.say("has_nothing");
  const firsts = dispute.has.flatMap((some) => some.slice(0, 1));
  const names = differing(firsts.map(({ attributes }) => attributes));
  const alike = !names.length && firsts.every(({ label }) => label === firsts[0]!.label);
  return objects.map((object) => {
    const about = names.map((name) => saying(bench, labelOf(bench.schema, object.label)?.attributes, name, object.attributes?.[name]));
    const measure = alike ? (object.kind === "span" ? `“${object.text ?? ""}”` : shapeOf(object)?.measure(object)) : undefined;
    return [title(bench, object.label), ...(measure ? [measure] : []), ...about].join(" · ");
  }).join(", ");
}

export function SidesList({ bench }: { bench: Bench }) {
  const { round } = bench;
  if (bench.kind !== "adjudicate") return null;
  const { names, agreed, item, disputes } = round.sides.value;
  const standing = round.standing.value;
  return (
    <section class="stack sides" aria-label={bench.say("sides")}>
      <div class="row"><h2>{bench.say("sides")}</h2>{disputes.length > 1 && <Next bench={bench} />}</div>
      <p class="q s">{disputes.length > 0 && `${bench.say("decided_of", { n: disputes.length - round.undecided.value, of: disputes.length })} · `}{bench.say("agreed", { n: agreed.length + Object.keys(item).length })}</p>
      {!disputes.length && <p class="s m">{bench.say("sides_none")}</p>}
      <ol class="stack">
        {disputes.map((dispute, at) => (
          <li key={at} class={at === round.at.value ? "on" : ""} aria-current={at === round.at.value}>
            {dispute.item && <span class="q s">{bench.say("the_item")}</span>}
            {dispute.has.map((_objects, side) => (
              <button type="button" class="btn small" aria-pressed={standing[at] === side} title={has(bench, dispute, side)} onClick={() => { round.at.value = at; take(bench, side); }}>
                <Swatch colour={SIDES[side % SIDES.length]!} /><b>{names[side]}</b> <span class="cut">{has(bench, dispute, side)}</span>
                {side < 2 && at === round.at.value && <Keys keys={side ? "'" : ";"} />}
              </button>
            ))}
            {(at === round.at.value || standing[at] === NEITHER) && <button type="button" class="btn ghost small" aria-pressed={standing[at] === NEITHER} onClick={() => { round.at.value = at; take(bench, NEITHER); }}>
              {bench.say(names.length > 2 ? "none_of_them" : "neither")}{at === round.at.value && <Keys keys="shift+j" />}
            </button>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Just after a verdict, also when nothing is left to judge: one key takes it back. */
export function JudgedNotice({ bench }: { bench: Bench }) {
  const judged = bench.round.judged.value;
  if (!judged) return null;
  return (
    <div class="float bl row judged" role="status">
      <span>{bench.say(`judged.${judged.verdict}`)}</span>
      <button type="button" class="btn small" onClick={() => void takeBack(bench)} aria-keyshortcuts="Shift+U">{bench.say("take_back")}<Keys keys="shift+u" /></button>
    </div>
  );
}
