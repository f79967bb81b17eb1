/** Deciding on a model's suggestions by key: this one, the next one, all that are likely enough. */
import type { Bench } from "../bench.ts";
import type { Point } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { REACH } from "../tools/tool.ts";
import type { Action } from "./table.ts";

const some = (bench: Bench): boolean => bench.working && bench.suggestions.open.value.length > 0;
const any = (bench: Bench): boolean => bench.working && (bench.suggestions.open.value.length > 0 || bench.suggestions.values.value.length > 0);

function show(bench: Bench, object: AnyObject | null): void {
  const bounds = object && shapeOf(object)?.bounds(object);
  if (!bounds) return;
  bench.choose(null);
  bench.viewport.keepInView(bounds);
}

export function consider(bench: Bench, id: string | null): void {
  bench.suggestions.current.value = id;
  show(bench, bench.suggestions.chosen.peek());
}

export function step(bench: Bench, by: 1 | -1): void {
  show(bench, bench.suggestions.step(by));
}

/** Decides on the one under consideration, the first when none is, and goes on to the next. */
function decide(bench: Bench, how: (object: AnyObject) => void): void {
  const { suggestions } = bench;
  const object = suggestions.chosen.peek() ?? suggestions.open.peek()[0];
  if (!object) return;
  const open = suggestions.open.peek();
  const next = open[open.indexOf(object) + 1] ?? open.find((one) => one !== object);
  how(object);
  suggestions.current.value = next && suggestions.byId.peek().has(next.id) ? next.id : null;
  show(bench, suggestions.chosen.peek());
}

export function accept(bench: Bench): void {
  if (bench.suggestions.open.peek().length) return decide(bench, (object) => bench.suggestions.accept([object]));
  const [value] = bench.suggestions.values.peek();
  if (value) bench.suggestions.acceptValue(value);
}

export function reject(bench: Bench): void {
  if (bench.suggestions.open.peek().length) return decide(bench, (object) => bench.suggestions.reject(object.id));
  const [value] = bench.suggestions.values.peek();
  if (value) bench.suggestions.reject(value);
}

export function acceptLikely(bench: Bench): void {
  const likely = bench.suggestions.likely.peek();
  if (bench.suggestions.accept(likely)) bench.tell(likely.length === 1 ? "accepted_one" : "accepted", "good", { n: likely.length });
}

/** Accepted, and in the hand to be mended. */
export function edit(bench: Bench): void {
  const object = bench.suggestions.chosen.peek() ?? bench.suggestions.open.peek()[0];
  if (!object || !bench.suggestions.accept([object])) return;
  bench.suggestions.current.value = null;
  if (bench.hasPicture) bench.ui.tool.value = "select";
  bench.choose(object.id);
}

/** The smallest suggestion under a press becomes the one under consideration; false when there is none. */
export function considerAt(bench: Bench, at: Point): boolean {
  const slack = REACH / bench.viewport.scale;
  const area = (object: AnyObject): number => {
    const { w, h } = shapeOf(object)!.bounds(object);
    return w * h;
  };
  const [found] = bench.suggestions.open.peek()
    .filter((object) => shapeOf(object)?.hit(object, at, slack))
    .sort((a, b) => area(a) - area(b));
  if (found) consider(bench, found.id);
  return found !== undefined;
}

export const SUGGESTING: readonly Action[] = [
  { name: "accept_suggestion", group: "work", keys: ["y"], when: any, run: accept },
  { name: "reject_suggestion", group: "work", keys: ["u"], when: any, run: reject },
  { name: "edit_suggestion", group: "work", keys: ["alt+y"], when: some, run: edit },
  { name: "accept_likely", group: "work", keys: ["shift+y"], when: (bench) => bench.working && bench.suggestions.likely.value.length > 0, run: acceptLikely },
  { name: "next_suggestion", group: "objects", keys: ["c"], when: some, run: (bench) => step(bench, 1) },
  { name: "previous_suggestion", group: "objects", keys: ["alt+c"], when: some, run: (bench) => step(bench, -1) },
];
