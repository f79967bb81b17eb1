/** Spans and relations as a list in the order of the text: the same as is drawn, reachable and changeable without it. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { Chosen } from "../panels/objects.tsx";
import { Icon, Sign, Swatch } from "../panels/parts.tsx";
import { labelOf } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { isSpan } from "./desk.ts";
import { isRelation } from "./links.ts";
import { colourOfAny, relationTitle } from "./looks.ts";

/** Rows that stand in the list at once; the window moves by half of them, with the chosen object or by hand. */
const MOST = 60;
const STEP = MOST / 2;
const LONGEST = 60;

function short(words: string): string {
  const line = words.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function wordsOf(bench: Bench, object: AnyObject): string {
  if (isSpan(object)) return short(object.text ?? bench.text.index.value.quote(object.start, object.end));
  if (!isRelation(object)) return object.kind;
  const end = (id: string): string => {
    const span = bench.store.byId.value.get(id);
    return isSpan(span) ? short(span.text ?? "") : "?";
  };
  return bench.say("text_arc", { from: end(object.from), to: end(object.to) });
}

/** Each end in its own direction, the arrow always from the first to the second. */
function Ends({ bench, from, to }: { bench: Bench; from: string; to: string }) {
  const end = (id: string): string => {
    const span = bench.store.byId.value.get(id);
    return isSpan(span) ? short(span.text ?? "") : "?";
  };
  return <bdi dir="ltr" class="cut q"><bdi>{end(from)}</bdi> <Sign text="→" /> <bdi>{end(to)}</bdi></bdi>;
}

function Row({ bench, object, on }: { bench: Bench; object: AnyObject; on: boolean }) {
  const row = useRef<HTMLLIElement>(null);
  const { store, ui } = bench;
  const label = labelOf(bench.schema, object.label);
  const title = isRelation(object) ? relationTitle(bench, object.label) : label ? titled(label, bench.config.language) : object.label;
  const words = wordsOf(bench, object);
  const name = `${title} ${words}`;
  const [hidden, locked, faulty] = [store.hidden.value.has(object.id), store.locked.value.has(object.id), ui.faults.value.objects.has(object.id)];
  const guess = object.source === "prediction";
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: "nearest" });
  }, [on]);
  const choose = (): void => {
    bench.choose(on ? null : object.id);
    if (!on) bench.text.show(object);
  };
  return (
    <li ref={row} class={on ? "on" : ""} data-fault={faulty ? "" : undefined} onMouseEnter={() => (ui.hovered.value = object.id)} onMouseLeave={() => (ui.hovered.value = null)}>
      <div class="row">
        <button type="button" class="pick" aria-expanded={on} onClick={choose}>
          <Swatch colour={colourOfAny(bench.schema, object)} />
          <b class="nw">{title}</b>
          {faulty && <Icon name="bad" says="!" />}
          {isRelation(object) ? <Ends bench={bench} {...object} /> : <bdi class="cut q">{words}</bdi>}
          {guess && <span class="q nw end">{object.score === undefined ? "" : `${Math.round(object.score * 100)} %`} <Icon name="magic" says={bench.say("guess")} /></span>}
        </button>
        <button type="button" class={`btn ghost icon small ${hidden ? "lit" : ""}`} aria-pressed={hidden} aria-label={bench.say(hidden ? "show" : "hide", { name })} onClick={() => store.toggle("hidden", object.id)}><Icon name={hidden ? "eye-off" : "eye"} /></button>
        <button type="button" class={`btn ghost icon small ${locked ? "lit" : ""}`} aria-pressed={locked} aria-label={bench.say(locked ? "unlock" : "lock", { name })} onClick={() => store.toggle("locked", object.id)}><Icon name={locked ? "lock" : "unlock"} /></button>
        {!store.frozen.value && <button type="button" class="btn ghost icon small" disabled={locked} aria-label={bench.say("delete", { name })} onClick={() => store.drop(object.id)}><Icon name="bin" /></button>}
      </div>
      {on && <Chosen bench={bench} object={object} />}
    </li>
  );
}

/** The first row of the window that shows the row `at` well inside it; 0 when all fit. */
export function windowAt(at: number, count: number): number {
  if (count <= MOST) return 0;
  return Math.max(0, Math.min(Math.floor(at / STEP) * STEP - STEP / 2, count - MOST));
}

/** Rows as they were drawn last: the same row given again is not looked at, so that a change costs what it changes. */
type Kept = Map<string, { object: AnyObject; on: boolean; schema: unknown; row: VNode }>;

export function TextObjects({ bench }: { bench: Bench }) {
  const objects = bench.text.order.value;
  const selected = bench.store.selected.value;
  const kept = useRef<Kept>(new Map());
  const [moved, move] = useState<{ from: number; by: string | null } | null>(null);
  const last = useRef(0);
  if (!bench.text.marks && !objects.length) return null;
  if (selected && objects.length > MOST) {
    const at = objects.findIndex(({ id }) => id === selected);
    if (at >= 0 && (at < last.current || at >= last.current + MOST)) last.current = windowAt(at, objects.length);
  }
  // Moved by hand it stays there until something else is chosen.
  const from = Math.max(0, Math.min(moved && moved.by === selected ? moved.from : last.current, objects.length - MOST));
  last.current = from;
  const listed = objects.slice(from, from + MOST);
  const rows: Kept = new Map();
  for (const object of listed) {
    const [on, before] = [object.id === selected, kept.current.get(object.id)];
    const same = before && before.object === object && before.on === on && before.schema === bench.schema;
    rows.set(object.id, same ? before : { object, on, schema: bench.schema, row: <Row key={object.id} bench={bench} object={object} on={on} /> });
  }
  kept.current = rows;
  const others = (count: number, to: number, sign: string) =>
    count > 0 && <li class="more" key={sign}><button type="button" class="btn ghost small" onClick={() => move({ from: to, by: selected })}>{sign} {bench.say("text_more", { n: count })}</button></li>;
  return (
    <>
      <section class="bare"><div class="row"><h2>{bench.say("objects")} <span class="q">{objects.length}</span></h2></div></section>
      {objects.length ? (
        <ul class="olist" aria-label={bench.say("objects")}>
          {others(from, from - STEP, "↑")}
          {[...rows.values()].map(({ row }) => row)}
          {others(objects.length - from - listed.length, from + STEP, "↓")}
        </ul>
      ) : (
        <p class="q s blank">{bench.store.frozen.value ? bench.say("no_objects_review") : <>{bench.say("text_no_objects")}<br />{bench.say("objects_done")}</>}</p>
      )}
    </>
  );
}
