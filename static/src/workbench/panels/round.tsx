/** Beside the picture: what changed since the last round, where answers differ, and the verdict just given. */
import type { Bench } from "../bench.ts";
import { take, takeBack } from "../actions/reviewing.ts";
import { zoomToObject } from "../actions/moving.ts";
import { titled } from "../../kit/words.ts";
import { labelOf } from "../state/schema.ts";
import type { Change } from "../state/changes.ts";
import type { AnyObject } from "../sync/bundle.ts";
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
      <h2>{bench.say("changes")} <span class="q">{lines(round.changes.value).length}</span></h2>
      <ul class="stack">
        {lines(round.changes.value).map(({ id, label, kinds }) => (
          <li key={id} class="row s wrap">
            <button type="button" class="link" onClick={() => pick(id)}>{title(bench, label)}</button>
            {kinds.map((change) => <span class={`mark ${change.change}`} title={change.change === "relabelled" ? bench.say("was", { label: title(bench, String(change.before)) }) : undefined}>{bench.say(`change.${change.change}`)}</span>)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Has({ bench, objects }: { bench: Bench; objects: readonly AnyObject[] }) {
  return <>{objects.length ? objects.map(({ label }) => title(bench, label)).join(", ") : bench.say("has_nothing")}</>;
}

export function SidesList({ bench }: { bench: Bench }) {
  const { round } = bench;
  if (bench.kind !== "adjudicate") return null;
  const { names, agreed, disputes } = round.sides.value;
  return (
    <section class="stack sides" aria-label={bench.say("sides")}>
      <h2>{bench.say("sides")} <span class="q">{disputes.length || ""}</span> <span class="q s end">{bench.say("agreed", { n: agreed.length })}</span></h2>
      {!disputes.length && <p class="s m">{bench.say("sides_none")}</p>}
      <ol class="stack">
        {disputes.map(({ has }, at) => (
          <li key={at} class={at === round.at.value ? "on" : ""} aria-current={at === round.at.value}>
            {has.map((objects, side) => (
              <button type="button" class="btn small" aria-pressed={round.taken.value.get(at) === side} onClick={() => { round.at.value = at; take(bench, side); }}>
                <Swatch colour={SIDES[side % SIDES.length]!} /><b>{names[side]}</b> <span class="cut"><Has bench={bench} objects={objects} /></span>
                {side < 2 && at === round.at.value && <Keys keys={side ? "'" : ";"} />}
              </button>
            ))}
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
