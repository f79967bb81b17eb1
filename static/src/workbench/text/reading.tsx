/** The text in the middle of the page, with what there is to say about it: the grain, the armed label, what is selected. */
import { useEffect, useRef } from "preact/hooks";
import { titled } from "../../kit/words.ts";
import { Act } from "../panels/parts.tsx";
import type { Bench } from "../bench.ts";
import { labelOf, optionsOf } from "../state/schema.ts";
import { isSpan } from "./desk.ts";
import { TextView } from "./view.ts";

export function Reading({ bench }: { bench: Bench }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = new TextView(host.current!, bench);
    return () => view.close();
  }, []);
  const armed = bench.text.armed.value && !bench.store.frozen.value;
  return (
    <>
      <div class="reading" ref={host} tabIndex={0} role="document" aria-label={bench.say("text_stage")} data-region data-armed={armed ? "" : undefined}
        data-making={bench.text.links.making.value ? "" : undefined} />
      {bench.text.marks && <Foot bench={bench} />}
    </>
  );
}

function Foot({ bench }: { bench: Bench }) {
  const { text, ui } = bench;
  const label = labelOf(bench.schema, ui.label.value);
  return (
    <div class="float br row textfoot">
      <span class="vh" role="status">{spoken(bench)}</span>
      {text.armed.value && label && <span class="s cut">{bench.say("text_armed", { label: titled(label, bench.config.language) })}</span>}
      {text.tapped.value && <span class="s cut">{bench.say("text_tapped")}</span>}
      <Act bench={bench} name="text_grain" class="btn ghost small">{bench.say(text.grain.value === "word" ? "text_words" : "text_characters")}</Act>
      {text.links.possible && <Act bench={bench} name="text_relation" class="btn ghost small">{bench.say("text_link")}</Act>}
      {text.questions.all.length > 0 && !bench.store.frozen.value && <Act bench={bench} name="text_question" class="btn ghost small">{bench.say("text_ask")}</Act>}
    </div>
  );
}

/** What a person who does not see the page needs to hear: the words selected, or the span that is chosen. */
function spoken(bench: Bench): string {
  const { text, store } = bench;
  const asked = text.questions.now;
  if (asked) {
    const attribute = text.questions.all.find(({ name }) => name === asked.name)!;
    const titles = new Map(optionsOf(attribute).map((option) => [option.name, titled(option, bench.config.language)]));
    const options = [...asked.keys].map(([option, key]) => `${key} ${typeof option === "boolean" ? bench.say(option ? "yes" : "no") : (titles.get(String(option)) ?? String(option))}`);
    return bench.say("text_asked", { question: titled(attribute, bench.config.language), options: options.join(", ") });
  }
  const stretch = text.stretch;
  if (stretch) return bench.say("text_selected", { text: text.index.value.text.slice(stretch.start, Math.min(stretch.end, stretch.start + 200)) });
  const over = text.links.making.value?.over;
  const object = over ? store.byId.value.get(over) : store.current.value;
  return isSpan(object) ? bench.say("text_marked", { label: object.label, text: object.text ?? "" }) : "";
}
