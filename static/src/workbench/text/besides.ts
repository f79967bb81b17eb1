/** Spans drawn that are no part of the answer: a model's suggestions, what was there in the last round, what others have. */
import type { Bench } from "../bench.ts";
import { isSpan } from "./desk.ts";
import type { AnyObject, SpanObject } from "../sync/bundle.ts";
import { colourOfSide } from "../view/changed.ts";

/** How a mark is drawn: as the answer's, suggested, gone since the last round, where it was, or another person's. */
export type Standing = "mine" | "guess" | "gone" | "was" | "side";
export interface Beside {
  span: SpanObject;
  standing: Standing;
  /** Before the label's name on the tag. */
  sign: string;
  colour?: string;
}
const SIGN: Record<string, string> = { added: "+", removed: "−", moved: "↔", relabelled: "⇄", attributes: "=" };

/** Signs of what changed about each object of the answer since the last round. */
export function signs({ round }: Bench): Map<string, string> {
  const found = new Map<string, string>();
  if (!round.shown.value) return found;
  for (const { id, change } of round.changes.value) if (id) found.set(id, `${found.get(id) ?? ""}${SIGN[change]}`);
  return found;
}

export function besides(bench: Bench): Beside[] {
  const { round, suggestions, store } = bench;
  const found: Beside[] = [];
  const add = (object: AnyObject | undefined, rest: Omit<Beside, "span">): void => {
    if (isSpan(object)) found.push({ span: object, ...rest });
  };
  for (const object of suggestions.open.value) add(object, { standing: "guess", sign: "" });
  if (round.shown.value && round.changes.value.length) {
    const was = new Map((round.before.value?.objects ?? []).map((object) => [object.id, object]));
    for (const { id, change } of round.changes.value) {
      if (change === "removed") add(was.get(id ?? ""), { standing: "gone", sign: SIGN.removed! });
      if (change === "moved") add(was.get(id ?? ""), { standing: "was", sign: "" });
    }
  }
  const { disputes, names } = round.sides.value;
  const there = store.byId.value;
  for (const { has } of disputes) {
    has.forEach((objects, side) => {
      for (const object of objects) if (!there.has(object.id)) add(object, { standing: "side", sign: names[side] ?? "", colour: colourOfSide(side) });
    });
  }
  return found;
}
