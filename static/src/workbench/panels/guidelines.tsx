/** The guidelines beside the picture. Their HTML was made safe on the server; nothing else is put in as HTML. */
import { useEffect, useRef } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { titled } from "../../kit/words.ts";
import { acknowledge, type Example } from "../actions/asking.ts";
import { labelOf } from "../state/schema.ts";
import { Icon } from "./parts.tsx";

export function GuidelinesPanel({ bench }: { bench: Bench }) {
  return bench.asking.open.value ? <Panel bench={bench} /> : null;
}

function Panel({ bench }: { bench: Bench }) {
  const { asking, say } = bench;
  const shown = asking.guidelines.value;
  const unread = shown !== null && shown.number > asking.seen.value;
  const close = (): void => void (asking.open.value = false);
  const region = useRef<HTMLElement>(null);
  useEffect(() => {
    if (region.current) region.current.scrollTop = 0;
  }, [shown?.number]);
  return (
    <aside ref={region} class="float guide" aria-label={say("guidelines")} data-region tabIndex={-1}>
      <header class="row">
        <h2>{say("guidelines")}</h2>
        {shown && <span class={unread ? "st info flat" : "q s"}>{say(unread ? "guidelines_new" : "guidelines_version", { n: shown.number })}</span>}
        <a class="s end" href={`/p/${bench.config.queue.project!.id}/guidelines`} target="_blank" rel="noopener">{say("guidelines_page")}</a>
        <button type="button" class="btn ghost icon small" aria-label={say("close")} onClick={close}><Icon name="x" /></button>
      </header>
      {asking.state.value === "failed" && <p class="s" role="alert">{say("offline_long")}</p>}
      {asking.state.value === "there" && !shown && <p class="m">{say("guidelines_none")}</p>}
      {shown && (
        <>
          {unread && shown.message && <p class="note info s">{shown.message}</p>}
          <div class="written" dangerouslySetInnerHTML={{ __html: shown.html }} />
          <Examples bench={bench} examples={shown.examples} />
          {unread && <footer class="row"><button type="button" class="btn primary end" onClick={() => void acknowledge(bench)}><Icon name="ok" />{say("have_read")}</button></footer>}
        </>
      )}
    </aside>
  );
}

function Examples({ bench, examples }: { bench: Bench; examples: readonly Example[] }) {
  const labels = [...new Set(examples.map(({ label }) => label))];
  const titleOf = (name: string): string => {
    const label = labelOf(bench.schema, name);
    return label ? titled(label, bench.config.language) : name || bench.say("of_no_label");
  };
  return (
    <>
      {labels.map((name) => (
        <section class="stack" key={name}>
          <h3>{titleOf(name)}</h3>
          <ul class="examples">
            {examples.filter(({ label }) => label === name).map((one) => (
              <li class={one.good ? "good" : "bad"}>
                {one.url && <img src={one.url} alt="" loading="lazy" />}
                <span><b>{bench.say(one.good ? "good" : "bad")}</b> {one.text}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
