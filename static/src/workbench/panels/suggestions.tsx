/** What a model suggests, to be accepted one by one or all above a score, mended, or rejected. */
import { useEffect, useRef } from "preact/hooks";
import { titled } from "../../kit/words.ts";
import { accept, consider, edit, reject } from "../actions/suggesting.ts";
import type { Bench } from "../bench.ts";
import { shapeOf } from "../shapes/shape.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { AnyObject, AttributeValue } from "../sync/bundle.ts";
import { Act, Icon, Swatch } from "./parts.tsx";

const MOST = 100; // rows; the picture shows all

function Row({ bench, object }: { bench: Bench; object: AnyObject }) {
  const row = useRef<HTMLLIElement>(null);
  const label = labelOf(bench.schema, object.label);
  const name = label ? titled(label, bench.config.language) : object.label;
  const on = bench.suggestions.current.value === object.id;
  const what = object.kind === "span" && object.text ? object.text : (shapeOf(object)?.measure(object) ?? "");
  const meant = (act: (bench: Bench) => void) => () => {
    bench.suggestions.current.value = object.id;
    act(bench);
  };
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: "nearest" });
  }, [on]);
  return (
    <li ref={row} class={on ? "on" : ""} data-suggestion={object.id}>
      <div class="row">
        <button type="button" class="pick" aria-pressed={on} onClick={() => consider(bench, on ? null : object.id)}>
          <Swatch colour={colourOf(bench.schema, object.label)} /><strong class="cut">{name}</strong>
          <span class="q cut">{what}</span>
          {object.score !== undefined && <span class="q end nw">{Math.round(object.score * 100)} %</span>}
        </button>
        <button type="button" class="btn ghost icon small" aria-label={bench.say("accept_name", { name })} title={bench.say("do.accept_suggestion")} onClick={meant(accept)}><Icon name="ok" /></button>
        <button type="button" class="btn ghost icon small" aria-label={bench.say("edit_name", { name })} title={bench.say("do.edit_suggestion")} onClick={meant(edit)}><Icon name="pen" /></button>
        <button type="button" class="btn ghost icon small" aria-label={bench.say("reject_name", { name })} title={bench.say("do.reject_suggestion")} onClick={meant(reject)}><Icon name="x" /></button>
      </div>
    </li>
  );
}

function Value({ bench, name }: { bench: Bench; name: string }) {
  const { suggestions } = bench;
  const attribute = bench.schema.item?.find((one) => one.name === name);
  const title = attribute ? titled(attribute, bench.config.language) : name;
  const value = suggestions.item.value[name] as AttributeValue;
  const said = typeof value === "boolean" ? bench.say(value ? "yes" : "no") : Array.isArray(value) ? value.join(", ") : String(value);
  return (
    <li>
      <div class="row">
        <span class="pick"><strong class="cut">{title}</strong><span class="q cut">{said}</span></span>
        <button type="button" class="btn ghost icon small" aria-label={bench.say("accept_name", { name: title })} onClick={() => suggestions.acceptValue(name)}><Icon name="ok" /></button>
        <button type="button" class="btn ghost icon small" aria-label={bench.say("reject_name", { name: title })} onClick={() => suggestions.reject(name)}><Icon name="x" /></button>
      </div>
    </li>
  );
}

export function SuggestionList({ bench }: { bench: Bench }) {
  const { suggestions } = bench;
  const [open, values, likely, least] = [suggestions.open.value, suggestions.values.value, suggestions.likely.value, suggestions.least.value];
  const gone = suggestions.rejected.value.size;
  if (!open.length && !values.length && !gone) return null;
  const percent = Math.round(least * 100);
  return (
    <section class="bare suggestions" aria-label={bench.say("suggestions")}>
      <div class="row"><h2>{bench.say("suggestions")} <span class="q">{open.length + values.length}</span></h2><span class="q s end cut" title={suggestions.model.value}>{suggestions.model.value}</span></div>
      {open.length > 0 && (
        <div class="row">
          <label class="row"><span class="vh">{bench.say("least_score")}</span>
            <input type="range" min="0" max="100" value={percent} aria-valuetext={`${percent} %`} onInput={(event) => (suggestions.least.value = event.currentTarget.valueAsNumber / 100)} /></label>
          <Act bench={bench} name="accept_likely" class="btn small">{bench.say("accept_from", { n: likely.length, score: percent })}</Act>
        </div>
      )}
      <ul class="olist">
        {values.map((name) => <Value key={name} bench={bench} name={name} />)}
        {open.slice(0, MOST).map((object) => <Row key={object.id} bench={bench} object={object} />)}
        {open.length > MOST && <li class="q s more">+ {open.length - MOST}</li>}
      </ul>
      {open.length > 0 && <div class="row"><Act bench={bench} name="accept_suggestion" class="btn ghost small">{bench.say("accept_one")}</Act><Act bench={bench} name="reject_suggestion" class="btn ghost small">{bench.say("reject_one")}</Act><Act bench={bench} name="next_suggestion" class="btn ghost small">{bench.say("next_one")}</Act></div>}
      {gone > 0 && <button type="button" class="btn ghost small" onClick={() => suggestions.bringBack()}>{bench.say("bring_back", { n: gone })}</button>}
    </section>
  );
}
