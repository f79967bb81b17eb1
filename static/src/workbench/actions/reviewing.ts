/** Acts of a round: step through pins and changes, pin a comment, settle, take a verdict back. */
import type { Bench } from "../bench.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import type { Action } from "./table.ts";

/** Comments that are not settled yet. */
export function openPins(bench: Bench) {
  const gone = bench.round.settled.value;
  return (bench.desk.bundle.value?.comments ?? []).filter(({ id }) => !gone.has(id));
}

/** The ids that stepping goes through, when there is no comment: objects that changed, those removed as well. */
function changed(bench: Bench): string[] {
  return [...new Set(bench.round.changes.value.flatMap(({ id }) => (id ? [id] : [])))];
}

export function show(bench: Bench, object: AnyObject | undefined, at?: readonly [number, number] | null): void {
  const bounds = object && shapeOf(object)?.bounds(object);
  if (bounds) bench.viewport.keepInView(bounds);
  else if (at) bench.viewport.keepInView({ x: at[0] - 1, y: at[1] - 1, w: 2, h: 2 });
}

/** Round and round through disagreements, else through comments and then changes. */
export function step(bench: Bench, by: 1 | -1): void {
  const { round } = bench;
  const [pins, disputes, ids] = [openPins(bench), round.sides.value.disputes, changed(bench)];
  const count = disputes.length || pins.length + ids.length;
  if (!count) return bench.tell("nothing_to_step", "info");
  const at = round.at.peek();
  const next = at < 0 || at >= count ? (by > 0 ? 0 : count - 1) : (at + by + count) % count;
  round.at.value = next;
  if (disputes.length) return show(bench, disputes[next]!.has.flat()[0]);
  const pin = pins[next];
  const id = pin ? pin.object : ids[next - pins.length]!;
  const object = id ? (bench.store.byId.peek().get(id) ?? round.gone.find((one) => one.id === id)) : undefined;
  bench.choose(id && bench.store.byId.peek().has(id) ? id : null);
  show(bench, object, pin?.at);
}

/** The object of the change that was stepped to. */
export function changeStepped(bench: Bench): string | undefined {
  return bench.round.sides.value.disputes.length ? undefined : changed(bench)[bench.round.at.value - openPins(bench).length];
}

/** Settles the comment that was stepped to; it stays in the item's history. */
export async function settle(bench: Bench, id?: number): Promise<void> {
  const pins = openPins(bench);
  const wanted = id ?? (pins[Math.max(0, bench.round.at.peek())] ?? pins[0])?.id;
  if (wanted === undefined) return;
  const before = bench.round.settled.peek();
  bench.round.settled.value = new Set([...before, wanted]);
  bench.round.at.value = Math.min(bench.round.at.peek(), pins.length - 2);
  try {
    await bench.client.call("POST", `/comments/${wanted}/resolve`);
  } catch {
    bench.round.settled.value = new Set([...bench.round.settled.peek()].filter((one) => one !== wanted));
    bench.tell("not_settled", "bad");
  }
}

/** The words go to the chosen object, else to where the pointer is, else to the whole item. */
export function comment(bench: Bench): void {
  const at = bench.ui.pointer.peek();
  bench.round.place.value = !bench.store.selected.peek() && at ? [Math.round(at.x * 10) / 10, Math.round(at.y * 10) / 10] : null;
  document.querySelector<HTMLTextAreaElement>("#write-comment")?.focus();
}

export async function takeBack(bench: Bench): Promise<void> {
  const judged = bench.round.judged.peek();
  if (!judged) return;
  bench.round.judged.value = null;
  if (!(await bench.desk.takeBack(judged.review))) return;
  if (bench.desk.bundle.peek()?.item.id === judged.item) bench.ui.comments.value = judged.comments;
  bench.tell("taken_back", "good");
}

const steps = (bench: Bench): boolean =>
  bench.working && (openPins(bench).length > 0 || bench.round.changes.value.length > 0 || bench.round.sides.value.disputes.length > 0);

export const REVIEWING: readonly Action[] = [
  { name: "undo_verdict", group: "work", keys: ["shift+u"], when: (bench) => bench.round.judged.value !== null && bench.desk.phase.value.name !== "sending", run: (bench) => void takeBack(bench) },
  { name: "comment", group: "work", keys: ["shift+t"], when: (bench) => bench.working && bench.kind === "review", run: comment },
  { name: "next_pin", group: "objects", keys: ["shift+e"], when: steps, run: (bench) => step(bench, 1) },
  { name: "previous_pin", group: "objects", keys: ["shift+w"], when: steps, run: (bench) => step(bench, -1) },
  { name: "settle", group: "work", keys: ["shift+x"], when: (bench) => bench.working && openPins(bench).length > 0, run: (bench) => void settle(bench) },
  { name: "changes", group: "view", keys: ["shift+r"], when: (bench) => bench.round.changes.value.length > 0 || Boolean(bench.desk.bundle.value?.settled?.length), run: (bench) => (bench.round.shown.value = !bench.round.shown.peek()) },
];
