/** What is to be drawn: marks by paragraph (or part of a long one), arcs, and the paragraphs where arcs end. */
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { colourOf, inkOn, labelOf } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";
import type { Arc } from "./arcs.ts";
import { besides, signs, type Beside } from "./besides.ts";
import { relationColour, relationTitle } from "./looks.ts";
import type { Mark } from "./paragraph.ts";
import type { Paragraph } from "./offsets.ts";
import { partAt } from "./parts.ts";

export interface Drawn {
  marks: Map<number, Mark[]>;
  arcs: Omit<Arc, "from" | "to" | "on">[];
  ends: Set<number>;
}

/** Numbers of the comments pinned to each object, as the side panel counts them. */
function pinsOf(bench: Bench): Map<string, number[]> {
  const pins = new Map<string, number[]>();
  const comments = [...(bench.desk.bundle.value?.comments ?? []), ...bench.ui.comments.value];
  comments.forEach(({ object }, index) => object && pins.set(object, [...(pins.get(object) ?? []), index + 1]));
  return pins;
}

function score(object: AnyObject): string {
  return object.source === "prediction" && object.score !== undefined ? ` ${Math.round(object.score * 100)} %` : "";
}

export function drawn(bench: Bench, parts: readonly Paragraph[]): Drawn {
  const { schema, store, text, config } = bench;
  const hidden = store.hidden.value;
  const faulty = bench.ui.faults.value.objects;
  const [pins, changed] = [pinsOf(bench), signs(bench)];
  const found: Drawn = { marks: new Map(), arcs: [], ends: new Set() };
  const looks = new Map<string, { title: string; colour: string }>();
  const look = (label: string): { title: string; colour: string } => {
    let made = looks.get(label);
    if (!made) {
      const known = labelOf(schema, label);
      looks.set(label, (made = { title: known ? titled(known, config.language) : label, colour: colourOf(schema, label) }));
    }
    return made;
  };
  const homes = new Map<string, number>();
  const add = ({ span, standing, sign, colour: own }: Beside): void => {
    const { start, end } = text.units(span);
    const { title, colour: labelled } = look(span.label);
    const colour = own ?? labelled;
    const first = partAt(parts, start);
    if (standing === "mine") homes.set(span.id, first);
    for (let number = first; number < parts.length && parts[number]!.start < end; number++) {
      const at = parts[number]!;
      const mark: Mark = {
        id: span.id, from: Math.max(start, at.start) - at.start, to: Math.min(end, at.end) - at.start, opens: number === first && standing !== "was",
        name: `${sign && `${sign} `}${title}${score(span)}`, colour, ink: inkOn(colour), standing, faulty: faulty.has(span.id), pins: pins.get(span.id) ?? [],
      };
      const list = found.marks.get(number);
      if (list) list.push(mark);
      else found.marks.set(number, [mark]);
    }
  };
  for (const span of text.spans.value) {
    if (!hidden.has(span.id)) add({ span, standing: "mine", sign: changed.get(span.id) ?? "" });
  }
  for (const one of besides(bench)) add(one);
  for (const relation of text.links.all.value) {
    const [from, to] = [homes.get(relation.from), homes.get(relation.to)];
    if (from === undefined || to === undefined || hidden.has(relation.id)) continue;
    found.ends.add(from).add(to);
    const sign = changed.get(relation.id);
    found.arcs.push({ id: relation.id, name: `${sign ? `${sign} ` : ""}${relationTitle(bench, relation.label)}${score(relation)}`, colour: relationColour(schema, relation.label) });
  }
  return found;
}
