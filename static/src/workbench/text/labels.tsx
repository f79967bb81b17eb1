/** Labels of spans with their keys; relations in their place while digits mean those. */
import { titled } from "../../kit/words.ts";
import { shown } from "../actions/keys.ts";
import type { Bench } from "../bench.ts";
import { Swatch } from "../panels/parts.tsx";
import { colourOf, labelsFor } from "../state/schema.ts";
import { relationColour } from "./looks.ts";

interface Entry {
  name: string;
  title: string;
  colour: string;
  help: string | undefined;
}

export function TextLabels({ bench }: { bench: Bench }) {
  const { schema, config, text } = bench;
  if (!text.marks) return null;
  const language = config.language;
  const naming = text.links.naming;
  const frozen = bench.store.frozen.value;
  const object = bench.editable();
  const chosen = object !== null && object.id !== bench.ui.fresh.value && !text.stretch;
  const relations = (schema.relations ?? []).map((one): Entry => ({ name: one.name, title: titled(one, language), colour: relationColour(schema, one.name), help: one.description }));
  const labels = labelsFor(schema, "span").map((one): Entry => ({ name: one.name, title: titled(one, language), colour: colourOf(schema, one.name), help: one.description }));
  const current = naming ? (text.links.making.value ? text.links.next.value : object?.label) : chosen ? object.label : bench.ui.label.value;
  const counts = new Map<string, number>();
  if (frozen) for (const one of bench.store.document.value.objects) counts.set(one.label, (counts.get(one.label) ?? 0) + 1);
  return (
    <section class={frozen ? "label-list legend-only" : "label-list"}>
      <div class="row"><h2>{bench.say(naming ? "text_relations" : "labels")}</h2><span class="q s end">{bench.say("schema", { n: bench.desk.bundle.value!.schema.number })}</span></div>
      <div class="keys" role="group" aria-label={bench.say(naming ? "text_relations" : "labels")} title={bench.say("text_label_help")}>
        {(naming ? relations : labels).map(({ name, title, colour, help }) => {
          const key = bench.labelKeys.get(name);
          return (
            <button type="button" key={name} aria-pressed={!frozen && name === current} disabled={frozen} title={help ?? title} onClick={() => text.label(name)}
              data-armed={!naming && text.armed.value && name === bench.ui.label.value ? "" : undefined}>
              <Swatch colour={colour} />
              <span class="cut">{title}</span>
              {frozen ? <span class="q end">{counts.get(name) ?? 0}</span> : key && <kbd aria-hidden="true">{shown(key).join("")}</kbd>}
            </button>
          );
        })}
      </div>
    </section>
  );
}
