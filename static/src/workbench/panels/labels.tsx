/** The labels with their colours and keys: for the next box, or for the selected object. */
import { titled } from "../../kit/words.ts";
import { shown } from "../actions/keys.ts";
import type { Bench } from "../bench.ts";
import { colourOf } from "../state/schema.ts";
import { Act, Swatch } from "./parts.tsx";
import { pickLabel } from "../actions/drawing.ts";
import { drawable } from "../tools/registry.ts";

export function Labels({ bench }: { bench: Bench }) {
  const bundle = bench.desk.bundle.value!;
  const keys = bench.labelKeys;
  const { schema } = bench;
  const object = bench.editable();
  const relabels = object !== null && object.id !== bench.ui.fresh.value;
  const current = relabels ? object.label : bench.ui.label.value;
  const frozen = bench.store.frozen.value;
  const counts = new Map<string, number>();
  if (frozen) for (const one of bench.store.document.value.objects) counts.set(one.label, (counts.get(one.label) ?? 0) + 1);
  return (
    <section class={frozen ? "label-list legend-only" : "label-list"}>
      <div class="row"><h2>{bench.say("labels")}</h2>{!frozen && <Act bench={bench} name="find_label" class="btn ghost small">{bench.say("find_button")}</Act>}<span class="q s end">{bench.say("schema", { n: bundle.schema.number })}</span></div>
      <div class="keys" role="group" aria-label={bench.say("labels")}>
        {schema.labels.map((label) => {
          const key = keys.get(label.name);
          const useless = !(relabels ? label.kinds.includes(object.kind) : drawable(label));
          return (
            <button type="button" aria-pressed={!frozen && label.name === current} disabled={frozen || useless} onClick={() => pickLabel(bench, label.name)}
              title={label.description ?? titled(label, bench.config.language)}>
              <Swatch colour={colourOf(schema, label.name)} />
              <span class="cut">{titled(label, bench.config.language)}</span>
              {frozen ? <span class="q end">{counts.get(label.name) ?? 0}</span> : key && <kbd aria-hidden="true">{shown(key).join("")}</kbd>}
            </button>
          );
        })}
      </div>
    </section>
  );
}
