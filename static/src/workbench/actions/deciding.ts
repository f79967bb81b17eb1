/** An adjudicator's acts: a side's at one place, one object or all of it; what is drawn by hand; the decision. */
import type { Bench } from "../bench.ts";
import type { Step } from "../state/patch.ts";
import { NEITHER, placed, type Dispute } from "../state/sides.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { show } from "./reviewing.ts";
import type { Action } from "./table.ts";

const nextOpen = ({ round }: Bench): number => round.standing.peek().indexOf(undefined);

/** This side's instead of what any has there. */
function following(bench: Bench, { has, item }: Dispute, side: number): Step[] {
  const known = bench.store.byId.peek();
  return [
    ...has.flat().filter(({ id }) => known.has(id)).map(({ id }): Step => ({ op: "drop", id })),
    ...(has[side] ?? []).map((object): Step => ({ op: "put", object })),
    ...(item?.names ?? []).map((name): Step => ({ op: "item", name, value: item!.values[side]?.[name] })),
  ];
}

/** For the disagreement stepped to, else the first open one, this side's is in the answer and no other's; with `NEITHER`, no side's. */
export function take(bench: Bench, side: number): void {
  const { round, store } = bench;
  const { disputes, names } = round.sides.peek();
  if (side >= names.length || !disputes.length) return;
  const at = round.at.peek() >= 0 ? round.at.peek() : Math.max(0, nextOpen(bench));
  const steps = following(bench, disputes[at]!, side);
  if (steps.length) store.change(steps);
  round.taken.value = new Map([...round.taken.peek(), [at, side]]);
  if (side === NEITHER) {
    round.at.value = at; // it is drawn here now
    return bench.tell("draw_right", "info");
  }
  onward(bench);
}

/** All that this side says, at every disagreement; one step back. */
export function takeAll(bench: Bench, side: number): void {
  const { round, store } = bench;
  const { disputes, names } = round.sides.peek();
  if (side >= names.length || !disputes.length) return;
  store.change(disputes.flatMap((dispute) => following(bench, dispute, side)));
  round.taken.value = new Map(disputes.map((_dispute, at) => [at, side]));
  bench.tell("taken_whole", "good", { side: names[side]! });
}

/** This one object is in the answer as well, or not any more; whatever else is taken there stays. */
export function takeObject(bench: Bench, object: AnyObject): void {
  const { round, store } = bench;
  const found = placed(round.sides.peek(), object.id);
  if (!found) return;
  const there = store.byId.peek().has(object.id);
  if (!store.change([there ? { op: "drop", id: object.id } : { op: "put", object }])) return;
  round.taken.value = new Map([...round.taken.peek(), [found.at, NEITHER]]); // a choice of one's own among what the sides have
  round.at.value = found.at;
}

/** The place of an object that was pointed at, and its side there. */
export function takeAt(bench: Bench, object: AnyObject, alone: boolean): void {
  const found = placed(bench.round.sides.peek(), object.id);
  if (!found) return;
  if (alone) return takeObject(bench, object);
  bench.round.at.value = found.at;
  take(bench, found.side);
}

function onward(bench: Bench): void {
  const open = nextOpen(bench);
  if (open < 0) return bench.tell("all_decided", "good");
  bench.round.at.value = open;
  show(bench, bench.round.sides.peek().disputes[open]!.has.flat()[0]);
}

/** The adjudicator's answer, once every disagreement is decided. */
export function decide(bench: Bench): void {
  const { round } = bench;
  const open = round.undecided.peek();
  if (open) {
    round.at.value = nextOpen(bench);
    return bench.tell(open > 1 ? "undecided" : "undecided_one", "bad", { n: open });
  }
  if (!bench.working || !bench.complete()) return;
  void bench.desk.review({ verdict: "fix", annotation: bench.store.document.peek() });
}

const adjudicating = (bench: Bench): boolean => bench.working && bench.kind === "adjudicate";
const sided = (bench: Bench): boolean => adjudicating(bench) && bench.round.sides.value.disputes.length > 0;
const has = (side: number) => (bench: Bench): boolean => sided(bench) && bench.round.sides.value.names.length > side;
/** Two keys side by side under the right hand, with Shift for the next two; with Alt the digits: all of it. */
export const KEYS = [";", "'", ":", '"'] as const;
export const WHOLE = ["alt+1", "alt+2", "alt+3", "alt+4"] as const;
const LETTERS = ["a", "b", "c", "d"] as const;

export const DECIDING: readonly Action[] = [
  { name: "decide", group: "work", keys: ["ctrl+enter"], always: true, when: adjudicating, run: decide },
  ...LETTERS.map((letter, side): Action => ({ name: `take_${letter}`, group: "work", keys: [KEYS[side]!], when: has(side), run: (bench) => take(bench, side) })),
  { name: "take_neither", group: "work", keys: ["shift+j"], when: sided, run: (bench) => take(bench, NEITHER) },
  ...LETTERS.map((letter, side): Action => ({ name: `take_all_${letter}`, group: "work", keys: [WHOLE[side]!], when: has(side), run: (bench) => takeAll(bench, side) })),
  { name: "beside", group: "view", keys: ["alt+s"], when: (bench) => adjudicating(bench) && bench.round.sides.value.names.length > 0, run: (bench) => (bench.ui.beside.value = !bench.ui.beside.peek()) },
];
