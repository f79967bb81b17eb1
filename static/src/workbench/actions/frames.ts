/** What is done along the frames of a group: to another one, objects over several, copies from the one before. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { confirmed, endTrack, placed, propagate, type Edit, type Frame } from "../state/tracks.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { merged } from "../sync/frames.ts";
import type { Step } from "../state/patch.ts";
import type { Action } from "./table.ts";

const FAR = 10;
export const MOST = 500;
const carried = ({ kind }: AnyObject): boolean => kind !== "relation" && kind !== "span";

const framed = (bench: Bench): boolean => bench.working && bench.frames.any.value;
const drawing = (bench: Bench): boolean => framed(bench) && bench.kind === "annotate" && !bench.store.frozen.value;
const chosen = (bench: Bench): readonly AnyObject[] => bench.store.selection.value.filter(carried);
const tracked = (bench: Bench): boolean => drawing(bench) && chosen(bench).some(({ track }) => track);

/** Opens another frame; the draft of this one, and what it means for others, is saved first. */
export async function openFrame(bench: Bench, item: number): Promise<boolean> {
  if (!bench.working || bench.desk.bundle.peek()?.item.id === item) return false;
  bench.stage?.tool?.cancel();
  bench.follow = bench.store.current.peek()?.track ?? null;
  await bench.framing.flush();
  return bench.desk.step(item);
}

function goBy(bench: Bench, by: number): void {
  const frame = bench.frames.reach(by);
  if (frame) void openFrame(bench, frame.item);
  else bench.tell(by > 0 ? "frame_last" : "frame_first");
}

/** To the next frame where a person placed the chosen thing. */
function goToPlaced(bench: Bench, by: 1 | -1): void {
  const { track } = bench.store.current.peek() ?? {};
  const row = bench.frames.tracks.peek().find((one) => one.track === track);
  const here = bench.frames.here.peek();
  if (!row || !here) return;
  const marks = row.marks.filter((mark) => mark.placed && (by > 0 ? mark.frame > here.frame : mark.frame < here.frame));
  const mark = by > 0 ? marks[0] : marks.at(-1);
  if (mark) void openFrame(bench, mark.item);
  else bench.tell("frame_no_placed");
}

/** Gives the objects a track where they have none, and makes them the person's own; as they are from then on. */
function onTracks(bench: Bench, objects: readonly AnyObject[]): AnyObject[] {
  const made = objects.map((object) => confirmed(object.track ? object : { ...object, track: identifier() }));
  bench.store.change(made.filter((object, index) => object !== objects[index]).map((object): Step => ({ op: "put", object })));
  return made;
}

/** The chosen objects go into the next `count` frames; negative: into those before. */
export async function carry(bench: Bench, count: number): Promise<void> {
  const objects = chosen(bench).filter(({ id }) => !bench.store.locked.peek().has(id));
  if (!objects.length || !count) return;
  bench.frames.count.value = Math.abs(count);
  const made = onTracks(bench, objects);
  const { list, here } = bench.frames.now();
  if (!here) return;
  const fill = bench.store.document.peek().item;
  const edits = merged(made.flatMap((object) => propagate(list, here, object, Math.abs(count), count < 0)));
  await spread(bench, edits.map((edit) => ({ ...edit, fill })), "frames_carried");
}

async function end(bench: Bench): Promise<void> {
  const { list, here } = bench.frames.now();
  const tracks = new Set(chosen(bench).flatMap(({ track }) => track ?? []));
  if (here) await spread(bench, merged([...tracks].flatMap((track) => endTrack(list, here, track))), "frames_ended");
}

/** Writes into other frames, says how many, and offers the way back. */
async function spread(bench: Bench, edits: Edit[], word: string): Promise<void> {
  if (!edits.length) return bench.tell("frames_none", "warn");
  const back = reversed(bench.frames.now().list, edits);
  const done = await bench.framing.write(edits);
  if (!done?.size) return;
  bench.tell(word, "good", { n: done.size });
  const undo = back.filter(({ item }) => done.has(item)).map((edit) => ({ ...edit, clear: [...done.get(edit.item)!] }));
  bench.ui.message.value = { ...bench.ui.message.peek()!, act: { word: bench.say("frames_back"), run: () => void takeBack(bench, undo) } };
}

async function takeBack(bench: Bench, edits: Edit[]): Promise<void> {
  const done = await bench.framing.write(edits);
  if (done?.size) bench.tell("frames_taken_back", "good", { n: done.size });
}

/** The edits that make the frames as they are now again. */
export function reversed(frames: readonly Frame[], edits: readonly Edit[]): Edit[] {
  return edits.map(({ item, put, drop }) => {
    const was = new Map((frames.find((frame) => frame.item === item)?.objects ?? []).map((object) => [object.id, object]));
    const touched = [...put.map(({ id }) => id), ...drop];
    return { item, put: touched.flatMap((id) => was.get(id) ?? []), drop: put.flatMap(({ id }) => (was.has(id) ? [] : [id])) };
  });
}

/** All that the nearest earlier frame has and this one lacks, answers about the item too: on one track with it, and marked until it is confirmed. */
export async function copyPrevious(bench: Bench): Promise<void> {
  await bench.framing.ready();
  const previous = bench.frames.previous.peek();
  const there = new Set(bench.store.document.peek().objects.flatMap(({ track }) => track ?? []));
  const known = new Set(bench.schema.labels.map(({ name }) => name));
  const source = (previous?.objects ?? []).filter((object) => carried(object) && known.has(object.label) && !(object.track && there.has(object.track)));
  if (!previous || !source.length) return bench.tell("frame_nothing_before", "warn");
  const joined = source.map((object) => (object.track ? object : { ...object, track: identifier() }));
  const copies = joined.map((object): AnyObject => ({ ...object, id: identifier(), source: "interpolated" }));
  const item = bench.store.document.peek().item;
  const answers = Object.entries(previous.item).filter(([name]) => item[name] === undefined);
  bench.store.change([...copies.map((object): Step => ({ op: "put", object })), ...answers.map(([name, value]): Step => ({ op: "item", name, value }))]);
  const untracked = joined.filter((object, index) => object !== source[index]);
  if (untracked.length) {
    bench.frames.previous.value = { ...previous, objects: previous.objects.map((one) => joined.find(({ id }) => id === one.id) ?? one) };
    await bench.framing.write([{ item: previous.of, put: untracked, drop: [] }]);
  }
  bench.tell("frame_copied", "good", { n: copies.length });
}

/** Where the machine put it is where the person wants it. */
function confirm(bench: Bench, objects: readonly AnyObject[]): void {
  const unsure = objects.filter((object) => !placed(object));
  if (unsure.length) bench.store.change(unsure.map((object): Step => ({ op: "put", object: confirmed(object) })));
}

/** Submits this frame and all that are begun, one after the other, in their order; stops at the first that lacks something. */
export async function submitFrames(bench: Bench): Promise<void> {
  const { frames, desk } = bench;
  if (frames.sending.peek()) return;
  await bench.framing.flush();
  const left = frames.list.peek().filter(({ state }) => state === "here" || state === "mine").map(({ item }) => item);
  const of = left.length;
  try {
    while (left.length && bench.working) {
      frames.sending.value = { done: of - left.length, of };
      const now = desk.bundle.peek()!.item.id;
      const item = left.includes(now) ? now : left[0]!;
      if (item !== now && !(await desk.step(item))) break;
      await bench.framing.flush();
      if (!bench.complete()) return;
      await desk.submit(bench.store.document.peek());
      if (desk.bundle.peek()?.item.id === item && desk.phase.peek().name === "working") break; // refused: the page says why
      left.splice(left.indexOf(item), 1);
      if (!frames.sending.peek()) break; // the person called a halt
    }
  } finally {
    frames.sending.value = null;
  }
  if (of > left.length) bench.tell(left.length ? "frames_some_submitted" : "frames_submitted", left.length ? "warn" : "good", { n: of - left.length, of });
}

export const FRAMES: readonly Action[] = [
  { name: "frame_next", group: "frames", keys: ["f"], when: framed, run: (bench) => goBy(bench, 1) },
  { name: "frame_before", group: "frames", keys: ["d"], when: framed, run: (bench) => goBy(bench, -1) },
  { name: "frame_on", group: "frames", keys: ["pagedown"], when: framed, run: (bench) => goBy(bench, FAR) },
  { name: "frame_back", group: "frames", keys: ["pageup"], when: framed, run: (bench) => goBy(bench, -FAR) },
  { name: "frame_placed_next", group: "frames", keys: ["shift+pagedown"], when: (bench) => framed(bench) && chosen(bench).some(({ track }) => track), run: (bench) => goToPlaced(bench, 1) },
  { name: "frame_placed_before", group: "frames", keys: ["shift+pageup"], when: (bench) => framed(bench) && chosen(bench).some(({ track }) => track), run: (bench) => goToPlaced(bench, -1) },
  { name: "frame_copy", group: "frames", keys: ["shift+v"], when: drawing, run: (bench) => void copyPrevious(bench) },
  { name: "propagate", group: "frames", keys: ["ctrl+b"], when: (bench) => drawing(bench) && chosen(bench).length > 0, run: (bench) => (bench.ui.form.value = "propagate") },
  { name: "track_end", group: "frames", keys: ["shift+o"], when: tracked, run: (bench) => void end(bench) },
  {
    name: "confirm", group: "frames", keys: ["shift+k"],
    when: (bench) => drawing(bench) && bench.store.document.value.objects.some((object) => !placed(object)),
    run: (bench) => confirm(bench, bench.store.selection.peek().length ? bench.store.selection.peek() : bench.store.document.peek().objects),
  },
  { name: "submit_frames", group: "frames", keys: ["ctrl+shift+enter"], always: true, when: drawing, run: (bench) => void submitFrames(bench) },
];
