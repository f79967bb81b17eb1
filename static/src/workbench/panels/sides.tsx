/** Answers that differ, for who decides between them: the list of disagreements, and each answer beside the others. */
import { useEffect, useRef } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { KEYS, take, takeAll, WHOLE } from "../actions/deciding.ts";
import { titled } from "../../kit/words.ts";
import { shapeOf } from "../shapes/shape.ts";
import { differing } from "../state/likeness.ts";
import { labelOf } from "../state/schema.ts";
import { differences, NEITHER, type Difference, type Dispute } from "../state/sides.ts";
import { Lanes } from "../text/lanes.tsx";
import { colourOfSide } from "../view/changed.ts";
import { Pane } from "../view/pane.ts";
import { Act, Icon, Keys, Swatch } from "./parts.tsx";
import { Next, saying, title } from "./round.tsx";

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

const MARK = { missing: "removed", number: "added", label: "relabelled", moved: "moved", attributes: "attributes" } as const;

function difference(bench: Bench, one: Difference): string {
  const { names } = bench.round.sides.value;
  if (one.kind === "missing") return bench.say("differs.missing", { sides: one.sides.map((side) => names[side]).join(", ") });
  if (one.kind === "moved") return one.iou === null ? bench.say("differs.moved") : bench.say("differs.moved_by", { iou: one.iou.toFixed(2) });
  if (one.kind === "attributes") return bench.say("differs.attributes", { names: one.names.join(", ") });
  return bench.say(`differs.${one.kind}`);
}

/** Sides that say the very same at a disagreement are one choice: "A, C". */
function choices(bench: Bench, dispute: Dispute): { sides: number[]; words: string }[] {
  const found = new Map<string, { sides: number[]; words: string }>();
  dispute.has.forEach((objects, side) => {
    const words = has(bench, dispute, side);
    const key = dispute.item || !objects.length ? words : String(side);
    const known = found.get(key);
    if (known) known.sides.push(side);
    else found.set(key, { sides: [side], words });
  });
  return [...found.values()];
}

export function SidesList({ bench }: { bench: Bench }) {
  if (bench.kind !== "adjudicate") return null;
  return <><Answers bench={bench} /><Disagreements bench={bench} /></>;
}

/** How the answers lie, taking one whole, and what needs no decision. */
function Answers({ bench }: { bench: Bench }) {
  const { names, agreed, disputes } = bench.round.sides.value;
  const standing = bench.round.standing.value;
  if (!names.length) return null;
  return (
    <section class="stack whole" aria-label={bench.say("the_answers")}>
      <div class="row"><h2>{bench.say("the_answers")}</h2><Act bench={bench} name="beside" class={`btn ghost small end${bench.ui.beside.value ? " lit" : ""}`}>{bench.say(bench.ui.beside.value ? "over_each_other" : "beside_each_other")}</Act></div>
      {disputes.length > 0 && (
        <div class="row s wrap" role="group" aria-label={bench.say("take_whole")}>
          <span class="q s">{bench.say("take_whole")}</span>
          {names.map((name, side) => (
            <button key={name} type="button" class="btn ghost small" aria-pressed={standing.every((one) => one === side)} aria-label={bench.say("all_of", { side: name })} onClick={() => takeAll(bench, side)}>
              <Swatch colour={colourOfSide(side)} /><b>{name}</b>{WHOLE[side] && <Keys keys={WHOLE[side]} />}
            </button>
          ))}
        </div>
      )}
      {agreed.length > 0 && (
        <details><summary class="q s">{bench.say("same_of_all", { n: agreed.length })}</summary>
          <ul class="s">{agreed.map(({ id, label }) => <li key={id}><button type="button" class="link" onClick={() => bench.choose(id)}>{title(bench, label)}</button></li>)}</ul>
        </details>
      )}
    </section>
  );
}

function Disagreements({ bench }: { bench: Bench }) {
  const { round } = bench;
  const { names, agreed, item, disputes } = round.sides.value;
  const standing = round.standing.value;
  return (
    <section class="stack sides" aria-label={bench.say("sides")}>
      <div class="row"><h2>{bench.say("sides")}</h2>{disputes.length > 1 && <Next bench={bench} />}</div>
      <p class="q s">{disputes.length > 0 && `${bench.say("decided_of", { n: disputes.length - round.undecided.value, of: disputes.length })} · `}{bench.say("agreed", { n: agreed.length + Object.keys(item).length })}</p>
      {!disputes.length && <p class="s m">{bench.say("sides_none")}</p>}
      <ol class="stack">
        {disputes.map((dispute, at) => {
          const here = at === round.at.value;
          return (
            <li key={at} class={here ? "on" : ""} aria-current={here}>
              <span class="row s wrap">
                {dispute.item ? <span class="q s">{bench.say("the_item")}</span> : differences(dispute).map((one) => <span key={one.kind} class={`mark ${MARK[one.kind]}`}>{difference(bench, one)}</span>)}
              </span>
              {choices(bench, dispute).map(({ sides, words }) => (
                <button key={sides[0]} type="button" class="btn small" aria-pressed={sides.includes(standing[at] ?? NEITHER)} title={words} onClick={() => { round.at.value = at; take(bench, sides[0]!); }}>
                  {sides.map((side) => <Swatch key={side} colour={colourOfSide(side)} />)}<b>{sides.map((side) => names[side]).join(", ")}</b> <span class="cut">{words}</span>
                  {here && KEYS[sides[0]!] && <Keys keys={KEYS[sides[0]!]!} />}
                </button>
              ))}
              {(here || standing[at] === NEITHER) && <button type="button" class="btn ghost small" aria-pressed={standing[at] === NEITHER} onClick={() => { round.at.value = at; take(bench, NEITHER); }}>
                {bench.say(names.length > 2 ? "none_of_them" : "neither")}{here && <Keys keys="shift+j" />}
              </button>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Each answer by itself above the decision: pictures that move together, or a text in lanes. */
export function Beside({ bench }: { bench: Bench }) {
  const { names } = bench.round.sides.value;
  if (!bench.ui.beside.value || bench.kind !== "adjudicate" || !names.length || !bench.desk.bundle.value) return null;
  if (bench.hasText) return <Lanes bench={bench} />;
  if (!bench.hasPicture) return null;
  const task = bench.desk.bundle.value.task.id;
  return (
    <div class="panes" role="group" aria-label={bench.say("beside_each_other")}>
      {names.map((name, side) => <One key={`${task} ${name}`} bench={bench} side={side} name={name} />)}
    </div>
  );
}

function One({ bench, side, name }: { bench: Bench; side: number; name: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const pane = new Pane(host.current!, bench, side);
    return () => pane.close();
  }, []);
  const counts = new Map<string, number>();
  for (const { label } of bench.desk.bundle.value?.answers?.[side]?.annotation.objects ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  const what = [...counts].map(([label, n]) => `${n} × ${title(bench, label)}`).join(", ") || bench.say("has_nothing");
  return (
    <figure class="pane" ref={host} aria-label={`${name}: ${what}`}>
      <figcaption class="row s"><Swatch colour={colourOfSide(side)} /><b>{name}</b><span class="q s cut">{what}</span>
        <button type="button" class="btn ghost small end" aria-label={bench.say("all_of", { side: name })} title={bench.say("all_of", { side: name })} onClick={() => takeAll(bench, side)}><Icon name="ok" />{WHOLE[side] && <Keys keys={WHOLE[side]} />}</button>
      </figcaption>
    </figure>
  );
}
