import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, carriedFrom, confirmed, endTrack, placed, propagate, rows, settle, writable, type Edit, type Frame } from "../../../static/src/workbench/state/tracks.ts";
import type { AnyObject, BoxObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";

let made = 0;
const thing = (x: number, source = "person", more: object = {}): AnyObject =>
  ({ id: `o${made++}`, kind: "box", label: "car", track: "t", box: [x, 0, 10, 10], ...(source === "person" ? {} : { source }), ...more }) as unknown as AnyObject;
const guess = (x: number, more: object = {}): AnyObject => thing(x, "interpolated", more);
const frame = (number: number, state: Frame["state"], ...objects: AnyObject[]): Frame => ({ item: 100 + number, frame: number, state, revision: 0, objects });
/** Frame number and x of the box of the track in each frame that has it, with "~" before what is interpolated. */
const seen = (frames: readonly Frame[]): string => frames.flatMap(({ frame: number, objects }) => objects.map((one) => `${number}:${placed(one) ? "" : "~"}${(one as BoxObject).box[0]}`)).join(" ");
const after = (frames: readonly Frame[], edits: readonly Edit[]): string => seen(apply(frames, edits));

test("interpolated is the only source that is not placed", () => {
  assert.deepEqual(["person", "prediction", "import", "interpolated"].map((source) => placed(thing(0, source))), [true, true, true, false]);
});

test("confirming takes the mark away and nothing else", () => {
  const { source: _, ...rest } = guess(3, { attributes: { parked: true } });
  assert.deepEqual(confirmed({ ...rest, source: "interpolated" } as AnyObject), rest);
  const suggested = thing(0, "prediction", { score: 0.5 });
  assert.equal(confirmed(suggested), suggested);
});

test("frames that are begun or free can be written, no others", () => {
  assert.deepEqual((["here", "mine", "answered", "open", "away"] as const).map((state) => writable(frame(1, state))), [false, true, false, true, false]);
});

test("between two placed frames the way is linear by frame number", () => {
  const frames = [frame(0, "here", thing(0)), frame(2, "mine", guess(0)), frame(3, "open", guess(0)), frame(10, "mine", thing(100))];
  assert.equal(after(frames, settle(frames, frames[0]!, "t", false)), "0:0 2:~20 3:~30 10:100");
});

test("after the last placed frame and before the first there are copies, as far as copies exist", () => {
  const frames = [frame(0, "mine"), frame(1, "mine", guess(9)), frame(2, "here", thing(50)), frame(3, "mine", guess(9)), frame(4, "mine")];
  assert.equal(after(frames, settle(frames, frames[2]!, "t", false)), "1:~50 2:50 3:~50");
});

test("label and attributes follow the placed one before; the copy keeps its own id and no score", () => {
  const copy = guess(0);
  const frames = [frame(0, "here", thing(0, "prediction", { label: "bus", attributes: { parked: true }, model: "m", score: 0.5 })), frame(1, "mine", copy), frame(2, "mine", thing(10))];
  assert.deepEqual(settle(frames, frames[0]!, "t", false), [{ item: 101, put: [{ ...copy, box: [5, 0, 10, 10], label: "bus", attributes: { parked: true } }], drop: [] }]);
});

test("what is placed in an answered frame leads, and what is interpolated there stays", () => {
  const frames = [frame(0, "here", thing(0)), frame(1, "answered", guess(7)), frame(2, "mine", guess(7)), frame(4, "answered", thing(40))];
  assert.equal(after(frames, settle(frames, frames[0]!, "t", true)), "0:0 1:~7 2:~20 4:40");
});

test("a frame out of which the thing was taken stays without it", () => {
  const frames = [frame(0, "here", thing(0)), frame(1, "mine", guess(0)), frame(2, "mine"), frame(3, "mine", thing(30))];
  assert.equal(after(frames, settle(frames, frames[0]!, "t", true)), "0:0 1:~10 3:30");
});

test("a gap in which no frame has the track is filled when an object becomes placed, to both sides", () => {
  const frames = [frame(0, "mine", thing(0)), frame(1, "open"), frame(2, "here", thing(20)), frame(3, "away"), frame(4, "mine"), frame(6, "answered", thing(60))];
  const edits = settle(frames, frames[2]!, "t", true);
  assert.equal(after(frames, edits), "0:0 1:~10 2:20 4:~40 6:60");
  for (const { put } of edits) assert.match(put[0]!.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(settle(frames, frames[2]!, "t", false), []);
});

test("beyond the last placed frame nothing is filled, nor from an object that is itself interpolated", () => {
  const frames = [frame(0, "mine"), frame(1, "here", thing(5)), frame(2, "mine")];
  assert.deepEqual(settle(frames, frames[1]!, "t", true), []);
  const other = [frame(0, "mine", thing(0)), frame(1, "mine"), frame(2, "here", guess(5)), frame(3, "mine"), frame(4, "mine", thing(40))];
  assert.deepEqual(settle(other, other[2]!, "t", true), []);
});

test("without any placed frame all stays as it is", () => {
  const frames = [frame(0, "mine", guess(1)), frame(1, "here"), frame(2, "mine", guess(2))];
  assert.deepEqual(settle(frames, frames[1]!, "t", true), []);
});

test("what is on the screen counts, not what the list says of that frame", () => {
  const frames = [frame(0, "here", thing(0)), frame(1, "mine", guess(0)), frame(2, "mine", thing(20))];
  assert.equal(after(frames, settle(frames, frame(0, "here", thing(10)), "t", false)), "0:0 1:~15 2:20");
  assert.equal(after(frames, settle(frames, frame(0, "here"), "t", false)), "0:0 1:~20 2:20");
});

test("other tracks, and relations, are left alone", () => {
  const other = { ...guess(9), track: "u" } as AnyObject;
  const tie = { id: "r", kind: "relation", label: "on", track: "t", from: "a", to: "b", source: "interpolated" } as AnyObject;
  const frames = [frame(0, "here", thing(0)), frame(1, "mine", other, tie)];
  assert.deepEqual(settle(frames, frames[0]!, "t", true), []);
  assert.deepEqual(propagate(frames, frames[0]!, tie, 1), []);
});

test("propagating copies into the next frames, of which those that cannot be written count but are passed over", () => {
  const frames = [frame(0, "mine"), frame(1, "here", thing(5)), frame(2, "mine"), frame(3, "away"), frame(4, "answered"), frame(5, "open"), frame(6, "open")];
  assert.equal(after(frames, propagate(frames, frames[1]!, frames[1]!.objects[0]!, 4)), "1:5 2:~5 5:~5");
  assert.equal(after(frames, propagate(frames, frames[1]!, frames[1]!.objects[0]!, 4, true)), "0:~5 1:5");
});

test("propagating keeps the id of a copy that is there", () => {
  const copy = guess(1);
  const frames = [frame(1, "here", thing(5)), frame(2, "mine", copy)];
  assert.deepEqual(propagate(frames, frames[0]!, frames[0]!.objects[0]!, 3), [{ item: 102, put: [{ ...copy, box: [5, 0, 10, 10] }], drop: [] }]);
});

test("propagating stops where the track is placed, on the way to it", () => {
  const frames = [frame(0, "here", thing(0)), frame(1, "mine"), frame(2, "answered", thing(20)), frame(3, "mine")];
  assert.equal(after(frames, propagate(frames, frames[0]!, frames[0]!.objects[0]!, 9)), "0:0 1:~10 2:20");
});

test("an object without a track is not propagated", () => {
  const { track: _, ...loose } = thing(0);
  const frames = [frame(0, "here"), frame(1, "mine")];
  assert.deepEqual(propagate(frames, frames[0]!, loose as AnyObject, 1), []);
});

test("a track that ends loses what is interpolated after it, up to the next placed frame", () => {
  const frames = [frame(0, "mine", guess(1)), frame(1, "here", thing(1)), frame(2, "mine", guess(2)), frame(3, "answered", guess(3)), frame(4, "open", guess(4)), frame(5, "mine", thing(5)), frame(6, "mine", guess(6))];
  assert.equal(after(frames, endTrack(frames, frames[1]!, "t")), "0:~1 1:1 3:~3 5:5 6:~6");
});

test("edits put by id, add what is new and take out", () => {
  const [a, b, c] = [thing(1), thing(2), thing(3)];
  const next = apply([frame(0, "mine", a, b), frame(1, "mine", a)], [{ item: 100, put: [{ ...b, label: "bus" } as AnyObject, c], drop: [a.id] }]);
  assert.deepEqual(next.map(({ objects }) => objects), [[{ ...b, label: "bus" }, c], [a]]);
});

test("the strip has a row for each track, by begin, then label, then name", () => {
  const of = (track: string, label: string, one: AnyObject): AnyObject => ({ ...one, track, label }) as AnyObject;
  const found = rows([
    frame(1, "mine", of("z", "car", thing(0)), of("y", "car", thing(0)), of("x", "dog", guess(0))),
    frame(0, "mine"), frame(4, "here", of("w", "ant", thing(0)), of("z", "bus", guess(0))),
  ].sort((a, b) => a.frame - b.frame));
  assert.deepEqual(found.map(({ track, label, begins, ends }) => [track, label, begins, ends]), [["y", "car", 1, 1], ["z", "car", 1, 4], ["x", "dog", 1, 1], ["w", "ant", 4, 4]]);
  assert.deepEqual(found[1]!.marks, [{ frame: 1, item: 101, placed: true }, { frame: 4, item: 104, placed: false }]);
});

test("what is carried over comes from the nearest earlier frame that has anything", () => {
  const [a, b] = [thing(1), thing(2)];
  const frames = [frame(0, "mine", a), frame(1, "answered", b), frame(2, "away"), frame(3, "here", thing(3)), frame(4, "mine", thing(4))];
  assert.deepEqual(carriedFrom(frames, frames[3]!), [b]);
  assert.deepEqual(carriedFrom(frames, frames[0]!), []);
});

/** Frames of any state with the track placed, interpolated or missing, and one of them on the desk. */
function anything(chance: Chance): [Frame[], Frame] {
  const length = 2 + chance.whole(14);
  const desk = chance.whole(length);
  let number = chance.whole(5);
  const frames = Array.from({ length }, (_, n) => {
    number += 1 + chance.whole(3);
    const state = n === desk ? "here" : chance.pick(["mine", "mine", "open", "answered", "away"] as const);
    const object = () => ({ ...thing(chance.whole(500), chance.pick(["person", "import", "interpolated", "interpolated"])), box: [chance.whole(500), chance.whole(500), 1 + chance.whole(50), 1 + chance.whole(50)], rotation: chance.whole(360), label: chance.pick(["car", "bus"]) }) as AnyObject;
    const objects = chance.whole(3) ? [object()] : [];
    return frame(number, state, ...objects, ...(chance.whole(4) ? [] : [{ ...object(), track: "u" } as AnyObject]));
  });
  return [frames, frames[desk]!];
}
/** Placed objects, and frames that are not to be written, are the same afterwards. */
function harmless(before: readonly Frame[], edits: readonly Edit[]): void {
  apply(before, edits).forEach((now, n) => {
    const old = before[n]!;
    if (!writable(old)) assert.equal(now, old);
    const kept = old.objects.filter((one) => placed(one) || one.track !== "t");
    assert.deepEqual(now.objects.filter((one) => placed(one) || one.track !== "t"), kept);
    assert.ok(now.objects.filter(({ track }) => track === "t").length <= 1);
  });
  for (const { item } of edits) assert.ok(writable(before.find((one) => one.item === item)!));
}

test("settling twice is settling once, and touches nothing that is placed, answered, away or on the desk", () => {
  const chance = new Chance(11);
  let written = 0;
  for (let i = 0; i < 2000; i++) {
    const [frames, here] = anything(chance);
    const fresh = chance.whole(2) === 1;
    const edits = settle(frames, here, "t", fresh);
    written += edits.length;
    harmless(frames, edits);
    assert.deepEqual(settle(apply(frames, edits), here, "t", fresh), []);
  }
  assert.ok(written > 1000);
});

test("after propagating there is nothing left to settle", () => {
  const chance = new Chance(12);
  for (let i = 0; i < 2000; i++) {
    const [frames, desk] = anything(chance);
    const object = thing(chance.whole(500));
    const here: Frame = { ...desk, objects: [object] };
    const start = apply(frames.map((one) => (one.item === here.item ? here : one)), settle(frames, here, "t", false));
    const edits = propagate(start, here, object, chance.whole(8), chance.whole(2) === 1);
    harmless(start, edits);
    assert.deepEqual(settle(apply(start, edits), here, "t", false), []);
  }
});

test("ending a track takes out and puts nothing, and leaves the rest settled", () => {
  const chance = new Chance(13);
  for (let i = 0; i < 1000; i++) {
    const [frames, here] = anything(chance);
    const start = apply(frames, settle(frames, here, "t", false));
    const edits = endTrack(start, here, "t");
    assert.ok(edits.every(({ put, drop }) => !put.length && drop.length));
    harmless(start, edits);
    assert.deepEqual(settle(apply(start, edits), here, "t", false), []);
  }
});
