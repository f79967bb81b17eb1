/** The bar above: what this is, whether it is safe, how long it is held, and the way on. */
import type { Bench } from "../bench.ts";
import { useMinutes } from "./minutes.ts";
import { Act, Icon } from "./parts.tsx";
import { fix } from "../actions/judging.ts";


function SavingState({ bench }: { bench: Bench }) {
  const phase = bench.desk.phase.value;
  const saver = bench.desk.draft.value;
  if (phase.name === "sending") {
    return phase.waiting ? (
      <span class="st warn flat" title={bench.say("sending_offline")}><Icon name="warn" />{bench.say("offline")}</span>
    ) : (
      <span class="st flat"><Icon name="up" />{bench.say("sending")}</span>
    );
  }
  if (!saver || phase.name !== "working") return null;
  const state = bench.store.dirty.value && saver.state.value === "saved" ? "changed" : saver.state.value;
  if (bench.store.frozen.value) return null;
  const [tone, icon] = {
    saved: ["good", "ok"], changed: ["", "dot"], saving: ["", "up"], offline: ["warn", "warn"], refused: ["bad", "bad"], apart: ["warn", "warn"],
  }[state] as [string, string];
  return <span class={`st ${tone} flat`} data-saving={state}><Icon name={icon} />{bench.say(state)}</span>;
}

function Held({ bench }: { bench: Bench }) {
  const ends = bench.desk.renewer.value?.ends.value ?? 0;
  const minutes = useMinutes(ends);
  if (!ends || !bench.working) return null;
  const time = new Date(ends).toLocaleTimeString(bench.config.language, { hour: "2-digit", minute: "2-digit" });
  return (
    <span class={`st flat ${minutes <= 2 ? "warn" : "opt"}`} title={bench.say("held_title", { time })}>
      <Icon name="clock" />{bench.say("held", { n: minutes })}
    </span>
  );
}

function Ways({ bench }: { bench: Bench }) {
  if (bench.kind === "adjudicate") return <><Act bench={bench} name="ask" class="btn ghost small opt" keyed={false}>{bench.say("ask_title")}</Act><Act bench={bench} name="skip" keyed={false} /><Act bench={bench} name="decide" class="btn primary small" /></>;
  if (bench.kind !== "review") {
    return <><Act bench={bench} name="ask" class="btn ghost small" keyed={false}>{bench.say("ask_title")}</Act><Act bench={bench} name="skip" keyed={false} /><Act bench={bench} name="submit" class="btn primary small" /></>;
  }
  if (bench.ui.fixing.value) {
    return (
      <>
        <button type="button" class="btn ghost small" onClick={() => fix(bench, false)}>{bench.say("stop_fixing")}</button>
        <Act bench={bench} name="submit_fix" class="btn primary small" />
      </>
    );
  }
  return (
    <>
      <Act bench={bench} name="ask" class="btn ghost small opt" keyed={false}>{bench.say("ask_title")}</Act>
      <Act bench={bench} name="skip" class="btn ghost small" keyed={false} />
      <Act bench={bench} name="fix" />
      <Act bench={bench} name="return" />
      <Act bench={bench} name="accept" class="btn primary small" />
    </>
  );
}

export function Top({ bench }: { bench: Bench }) {
  const bundle = bench.desk.bundle.value;
  const { queue } = bench.config;
  return (
    <header class="top" data-region>
      <button type="button" class="btn ghost icon small" aria-label={bench.say("leave")} title={bench.say("leave")} onClick={() => void bench.leave()}><Icon name="x" /></button>
      <h1 class="s cut"><span>{queue.name}</span> {queue.project && <span class="q opt">{queue.project.name}</span>}</h1>
      {bundle && <span class="q s cut key" title={bundle.item.key}>{bundle.item.key}</span>}
      {bundle && bundle.task.round > 1 && <span class="st info flat opt"><Icon name="back" />{bench.say("round", { n: bundle.task.round })}</span>}
      <div class="row end">
        <span class="row" role="status"><SavingState bench={bench} /></span>
        <Held bench={bench} />
        <Act bench={bench} name="guidelines" class="btn ghost small" />
        {bundle && <Ways bench={bench} />}
      </div>
    </header>
  );
}
