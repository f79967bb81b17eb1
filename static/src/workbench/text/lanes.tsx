/** Answers to a text as lanes above each other: each paragraph in which they differ, once a side. What is pointed at is taken. */
import type { Bench } from "../bench.ts";
import { takeAt } from "../actions/deciding.ts";
import { Icon, Swatch } from "../panels/parts.tsx";
import { title } from "../panels/round.tsx";
import { colourOf } from "../state/schema.ts";
import { placed } from "../state/sides.ts";
import type { AnyObject, SpanObject } from "../sync/bundle.ts";
import { colourOfSide } from "../view/changed.ts";
import { isSpan } from "./desk.ts";
import type { Paragraph } from "./offsets.ts";

const MOST = 60; // paragraphs

/** A piece of a paragraph with the spans that cover all of it, the shortest last. */
interface Piece {
  from: number;
  to: number;
  spans: SpanObject[];
}

function pieces(bench: Bench, { start, end }: Paragraph, spans: readonly SpanObject[]): Piece[] {
  const within = spans.map((span) => ({ span, ...bench.text.units(span) })).filter((one) => one.start < end && one.end > start);
  const edges = [...new Set([start, end, ...within.flatMap((one) => [Math.max(start, one.start), Math.min(end, one.end)])])].sort((a, b) => a - b);
  return edges.slice(1).map((to, at) => {
    const from = edges[at]!;
    const over = within.filter((one) => one.start <= from && one.end >= to).sort((a, b) => b.end - b.start - (a.end - a.start));
    return { from, to, spans: over.map(({ span }) => span) };
  });
}

export function Lanes({ bench }: { bench: Bench }) {
  const { text, round } = bench;
  const sides = round.sides.value;
  const answers = bench.desk.bundle.value?.answers ?? [];
  const { paragraphs } = text.index.value;
  const differ = sides.disputes.flatMap(({ has }) => has.flat()).filter((object): object is SpanObject => isSpan(object)).map((span) => text.units(span));
  const shown = paragraphs.filter(({ start, end }) => differ.some((one) => one.start < end && one.end > start)).slice(0, MOST);
  return (
    <div class="lanes" role="group" aria-label={bench.say("beside_each_other")} tabIndex={0} data-region>
      {!shown.length && <p class="q s">{bench.say("lanes_none")}</p>}
      {shown.map((paragraph) => (
        <div class="lane" key={paragraph.start}>
          {answers.map(({ annotation }, side) => <Lane key={side} bench={bench} side={side} paragraph={paragraph} objects={annotation.objects} />)}
        </div>
      ))}
    </div>
  );
}

function Lane({ bench, side, paragraph, objects }: { bench: Bench; side: number; paragraph: Paragraph; objects: readonly AnyObject[] }) {
  const { round, text } = bench;
  const spans = objects.filter((object): object is SpanObject => isSpan(object));
  return (
    <p dir="auto">
      <span class="row s letter"><Swatch colour={colourOfSide(side)} /><b>{round.sides.value.names[side]}</b></span>
      {pieces(bench, paragraph, spans).map(({ from, to, spans: over }) => {
        const words = text.index.value.text.slice(from, to);
        const span = over.at(-1);
        return span ? <Said key={from} bench={bench} side={side} span={span} words={words} begins={text.units(span).start === from} /> : words;
      })}
    </p>
  );
}

function Said({ bench, side, span, words, begins }: { bench: Bench; side: number; span: SpanObject; words: string; begins: boolean }) {
  const { round, schema } = bench;
  const place = placed(round.sides.value, span.id);
  const label = title(bench, span.label);
  const paint = (element: HTMLElement | null): void => element?.style.setProperty("--c", colourOf(schema, span.label));
  if (!place) return <mark class="same" ref={paint} title={label}>{words}</mark>;
  const taken = round.standing.value[place.at] === side;
  return (
    <button type="button" class={place.at === round.at.value ? "said on" : "said"} ref={paint} aria-pressed={taken} title={label} onClick={(event) => bench.working && takeAt(bench, span, event.shiftKey)}>
      {begins && <small>{taken && <><Icon name="ok" /> </>}{label}</small>}{words}
    </button>
  );
}
