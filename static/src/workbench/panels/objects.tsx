/** The objects as a list: the same that the picture shows, reachable and changeable without it. */
import { useEffect, useRef } from "preact/hooks";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { shapeOf } from "../shapes/shape.ts";
import { colourOf, labelOf, labelsFor, relabelled } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { Attributes } from "./attributes.tsx";
import type { Sort } from "../state/view.ts";
import { arranged, SORTS } from "./filtering.ts";
import { Keypoints } from "./keypoints.tsx";
import { Icon, Swatch } from "./parts.tsx";

function Place({ bench, object }: { bench: Bench; object: AnyObject }) {
  const shape = shapeOf(object);
  const numbers = Object.entries(shape?.numbers(object) ?? {});
  if (!shape || !numbers.length) return null;
  return (
    <div class="place" role="group" aria-label={bench.say("position")}>
      {numbers.map(([name, value]) => (
        <label key={name}>
          <span>{name === "rotation" ? "°" : name}</span>
          <input type="number" step="any" value={Math.round(value * 100) / 100} disabled={!bench.editable()}
            onChange={(event) => {
              const typed = event.currentTarget.valueAsNumber;
              if (Number.isFinite(typed)) bench.reshape(shape.withNumber(object, name, typed, bench.viewport.picture));
            }} />
        </label>
      ))}
    </div>
  );
}

export function Chosen({ bench, object }: { bench: Bench; object: AnyObject }) {
  const faults = bench.ui.faults.value.objects.get(object.id);
  const attributes = labelOf(bench.schema, object.label)?.attributes;
  const named = new Map([...(faults ?? [])].map(([field, why]) => [field.replace(/^attributes\./, ""), why]));
  const rest = [...(faults ?? [])].filter(([field]) => !field.startsWith("attributes."));
  const labels = labelsFor(bench.schema, object.kind);
  return (
    <div class="chosen">
      {rest.map(([field, why]) => <p class="s down row"><Icon name="bad" />{field ? `${field} ${why}` : why}</p>)}
      {labels.length > 1 && !bench.store.frozen.value && (
        <label class="at"><span>{bench.say("label")}</span>
          <select value={object.label} disabled={!bench.editable()} onChange={(event) => bench.reshape(relabelled(bench.schema, object, event.currentTarget.value))}>
            {labels.map((label) => <option value={label.name}>{titled(label, bench.config.language)}</option>)}
          </select>
        </label>
      )}
      <Attributes bench={bench} attributes={attributes} values={object.attributes ?? {}} faults={named} prefix={object.id}
        set={(name, value) => bench.store.setAttribute(object, name, value)} />
      <Keypoints bench={bench} object={object} />
      {!bench.store.frozen.value && <Place bench={bench} object={object} />}
    </div>
  );
}

function Row({ bench, object, name, on, also }: { bench: Bench; object: AnyObject; name: string; on: boolean; also: boolean }) {
  const row = useRef<HTMLLIElement>(null);
  const { store } = bench;
  const hidden = store.hidden.value.has(object.id);
  const locked = store.locked.value.has(object.id);
  const guess = object.source === "prediction";
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: "nearest" });
  }, [on]);
  return (
    <li ref={row} class={on || also ? "on" : ""} data-fault={bench.ui.faults.value.objects.has(object.id) ? "" : undefined}
      onMouseEnter={() => (bench.ui.hovered.value = object.id)} onMouseLeave={() => (bench.ui.hovered.value = null)}>
      <div class="row">
        <button type="button" class="pick" aria-expanded={on} aria-pressed={on || also} onClick={(event) => (event.shiftKey || event.ctrlKey || event.metaKey ? store.toggleSelected(object.id) : bench.choose(on && !also ? null : object.id))}>
          <Swatch colour={colourOf(bench.schema, object.label)} />
          <b class="cut">{name}</b>
          {bench.ui.faults.value.objects.has(object.id) && <Icon name="bad" says="!" />}
          <span class="q end nw">{guess && object.score !== undefined ? `${Math.round(object.score * 100)} %` : (shapeOf(object)?.measure(object) ?? object.kind)}</span>
          {guess && <Icon name="magic" says={bench.say("guess")} />}
          {object.source === "interpolated" && <Icon name="link" says={bench.say("interpolated")} />}
        </button>
        <button type="button" class={`btn ghost icon small ${hidden ? "lit" : ""}`} aria-pressed={hidden} aria-label={bench.say(hidden ? "show" : "hide", { name })} onClick={() => store.toggle("hidden", object.id)}><Icon name={hidden ? "eye-off" : "eye"} /></button>
        <button type="button" class={`btn ghost icon small ${locked ? "lit" : ""}`} aria-pressed={locked} aria-label={bench.say(locked ? "unlock" : "lock", { name })} onClick={() => store.toggle("locked", object.id)}><Icon name={locked ? "lock" : "unlock"} /></button>
        {!store.frozen.value && <button type="button" class="btn ghost icon small" disabled={locked} aria-label={bench.say("delete", { name })} onClick={() => store.drop(object.id)}><Icon name="bin" /></button>}
      </div>
      {on && !also && <Chosen bench={bench} object={object} />}
    </li>
  );
}

/** Rows beyond this many are left to the picture: a list of thousands helps nobody and costs each change. */
const MOST = 200;

function Finder({ bench }: { bench: Bench }) {
  const { filter, sort } = bench.ui;
  return (
    <div class="row sift">
      <input type="search" value={filter.value} aria-label={bench.say("filter")} placeholder={bench.say("filter")} onInput={(event) => (filter.value = event.currentTarget.value)} />
      <select value={sort.value} aria-label={bench.say("sort")} onChange={(event) => (sort.value = event.currentTarget.value as Sort)}>
        {SORTS.map((name) => <option key={name} value={name}>{bench.say(`sort.${name}`)}</option>)}
      </select>
    </div>
  );
}

export function Objects({ bench }: { bench: Bench }) {
  const { objects } = bench.store.document.value;
  const selected = bench.store.selected.value;
  const counts = new Map<string, number>();
  const totals = new Map<string, number>();
  for (const { label } of objects) totals.set(label, (totals.get(label) ?? 0) + 1);
  const rows = objects.map((object) => {
    const number = (counts.get(object.label) ?? 0) + 1;
    counts.set(object.label, number);
    const label = labelOf(bench.schema, object.label);
    const title = label ? titled(label, bench.config.language) : object.label;
    return { object, name: totals.get(object.label)! > 1 ? `${title} ${number}` : title };
  });
  const others = bench.store.others.value;
  const shown = arranged(rows, bench.ui.filter.value, bench.ui.sort.value);
  const listed = shown.length > MOST ? shown.filter(({ object }, index) => index < MOST || object.id === selected) : shown;
  return (
    <>
      <section class="bare"><div class="row"><h2>{bench.say("objects")} <span class="q">{objects.length}</span></h2>{others.size > 0 && <span class="q s end">{bench.say("chosen_many", { n: others.size + 1 })}</span>}</div>
        {objects.length > 1 && <Finder bench={bench} />}</section>
      {objects.length ? (
        <ul class="olist" aria-label={bench.say("objects")}>
          {listed.map(({ object, name }) => <Row key={object.id} bench={bench} object={object} name={name} on={object.id === selected} also={others.has(object.id) || (object.id === selected && others.size > 0)} />)}
          {!shown.length && <li class="q s more">{bench.say("none_found")}</li>}
          {listed.length < shown.length && <li class="q s more">+ {shown.length - listed.length}</li>}
        </ul>
      ) : (
        <p class="q s blank">{bench.store.frozen.value ? bench.say("no_objects_review") : <>{bench.say("no_objects")}<br />{bench.say("objects_done")}</>}</p>
      )}
    </>
  );
}
