import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAll, hideOthers, removePoint, reorder, toggleChosen } from "../../../static/src/workbench/actions/choosing.ts";
import { copyObjects, duplicateObjects, pasteObjects } from "../../../static/src/workbench/actions/copying.ts";
import { mergeObjects, splitObjects } from "../../../static/src/workbench/actions/joining.ts";
import { toggleVisibility, withVisibility } from "../../../static/src/workbench/actions/keypointing.ts";
import { nudge, resize, turn } from "../../../static/src/workbench/actions/moving.ts";
import { pickLabel } from "../../../static/src/workbench/actions/drawing.ts";
import type { AnyObject, BoxObject, OtherObject } from "../../../static/src/workbench/sync/bundle.ts";
import { boxAt, Hand } from "./hand.ts";

const square = (id: string, x: number, y: number, side: number, label = "road"): AnyObject =>
  ({ id, kind: "polygon", label, points: [[x, y], [x + side, y], [x + side, y + side], [x, y + side]] });
const ids = (hand: Hand): string[] => hand.objects.map(({ id }) => id);
const chosen = (hand: Hand): string[] => hand.bench.store.selection.peek().map(({ id }) => id);
const boxes = (hand: Hand): unknown => hand.objects.map((object) => (object as BoxObject).box);
const points = (hand: Hand, at = 0): unknown => (hand.objects[at] as OtherObject).points;

function three(): Hand {
  return new Hand([boxAt("a", 10, 10, 20, 20), boxAt("b", 50, 10, 20, 20), boxAt("c", 100, 50, 20, 20)]).take("select");
}

test("Shift+click adds to what is chosen and takes out of it; a plain click is one alone", () => {
  const hand = three().click(20, 20).click(60, 20, { shift: true });
  assert.deepEqual(chosen(hand), ["a", "b"]);
  hand.click(20, 20, { shift: true });
  assert.deepEqual(chosen(hand), ["b"]);
  hand.click(110, 60, { shift: true }).click(60, 20);
  assert.deepEqual(chosen(hand), ["b"]);
});

test("a drag over nothing chooses what its frame meets, with Shift added to what was", () => {
  const hand = three().drag([1, 1], [75, 37]);
  assert.deepEqual(chosen(hand), ["a", "b"]);
  hand.drag([90, 41], [130, 80], { shift: true });
  assert.deepEqual(chosen(hand), ["a", "b", "c"]);
  hand.drag([25, 88], [50, 98]);
  assert.deepEqual(chosen(hand), []);
});

test("several move as one by a drag of any of them, stay together at the rim, and are one step back", () => {
  const hand = three().drag([1, 1], [75, 37]).drag([60, 20], [70, 25]);
  assert.deepEqual(boxes(hand), [[20, 15, 20, 20], [60, 15, 20, 20], [100, 50, 20, 20]]);
  hand.drag([30, 25], [-100, 25]);
  assert.deepEqual(boxes(hand), [[0, 15, 20, 20], [40, 15, 20, 20], [100, 50, 20, 20]]);
  hand.bench.store.undo();
  hand.bench.store.undo();
  assert.deepEqual(boxes(hand), [[10, 10, 20, 20], [50, 10, 20, 20], [100, 50, 20, 20]]);
  assert.equal(hand.bench.store.depth.value.undo, 0);
});

test("several are resized together by the frame around them, and by keys", () => {
  const hand = three().drag([1, 1], [75, 37]).drag([76, 36], [130, 50]);
  assert.deepEqual(boxes(hand), [[10, 10, 40, 40], [90, 10, 40, 40], [100, 50, 20, 20]]);
  resize(hand.bench, -60, -20);
  assert.deepEqual(boxes(hand), [[10, 10, 20, 20], [50, 10, 20, 20], [100, 50, 20, 20]]);
  nudge(hand.bench, 1, 2);
  assert.deepEqual(boxes(hand), [[11, 12, 20, 20], [51, 12, 20, 20], [100, 50, 20, 20]]);
});

test("a label's key gives it to all that are chosen and can have it", () => {
  const hand = new Hand([boxAt("a", 10, 10, 20, 20), square("p", 50, 10, 30, "car")]);
  chooseAll(hand.bench);
  pickLabel(hand.bench, "crate");
  assert.deepEqual(hand.objects.map(({ label }) => label), ["crate", "car"]);
});

test("what is locked or hidden is neither chosen with all nor moved", () => {
  const hand = three();
  hand.bench.choose("a");
  toggleChosen(hand.bench, "locked");
  chooseAll(hand.bench);
  assert.deepEqual(chosen(hand), ["b", "c"]);
  hand.bench.store.selectAll(["a", "b"]);
  nudge(hand.bench, 5, 0);
  assert.deepEqual(boxes(hand), [[10, 10, 20, 20], [55, 10, 20, 20], [100, 50, 20, 20]]);
  hand.bench.choose("c");
  hideOthers(hand.bench);
  assert.deepEqual([...hand.bench.store.hidden.value].sort(), ["a", "b"]);
  hideOthers(hand.bench);
  assert.equal(hand.bench.store.hidden.value.size, 0);
});

test("to the front and to the back change the document's order and nothing else", () => {
  const hand = three();
  hand.bench.store.selectAll(["a", "b"]);
  reorder(hand.bench, "front");
  assert.deepEqual(ids(hand), ["c", "a", "b"]);
  assert.deepEqual(chosen(hand), ["a", "b"]);
  hand.bench.choose("b");
  reorder(hand.bench, "back");
  assert.deepEqual(ids(hand), ["b", "c", "a"]);
  hand.bench.store.undo();
  hand.bench.store.undo();
  assert.deepEqual(ids(hand), ["a", "b", "c"]);
});

test("a turned box is resized within its own frame: the side across stands still", () => {
  const hand = new Hand([{ ...boxAt("a", 80, 40, 40, 20), rotation: 90 } as AnyObject]).take("select");
  hand.bench.choose("a");
  // Turned by 90°, the east edge lies below: its middle is at (100, 70).
  hand.drag([100, 70], [100, 80]);
  const { box, rotation } = hand.objects[0] as BoxObject;
  assert.equal(rotation, 90);
  assert.deepEqual(box, [75, 45, 50, 20]);
  assert.equal(hand.bench.under({ x: 108, y: 75 }).length, 1, "within");
  assert.equal(hand.bench.under({ x: 120, y: 55 }).length, 0, "where the upright box would be");
});

test("the ring beside a box turns it about its centre, with Shift by steps of 15°; keys turn it too", () => {
  const hand = new Hand([boxAt("a", 80, 40, 40, 20)]).take("select");
  hand.bench.choose("a");
  hand.drag([100, 14], [136, 50]);
  assert.equal((hand.objects[0] as BoxObject).rotation, 90);
  assert.deepEqual((hand.objects[0] as BoxObject).box, [80, 40, 40, 20]);
  hand.drag([136, 50], [130, 24], { shift: true });
  assert.equal((hand.objects[0] as BoxObject).rotation, 45);
  turn(hand.bench, -45);
  assert.equal("rotation" in hand.objects[0]!, false, "an upright box carries no rotation");
});

test("a tool that draws upright boxes has no ring in its way", () => {
  const hand = new Hand([boxAt("a", 80, 40, 40, 20)]).take("box");
  hand.bench.choose("a");
  hand.drag([100, 14], [140, 30]);
  assert.equal(hand.objects.length, 2);
});

test("points of a polygon are pulled, put in between and taken out; three are left at least", () => {
  const hand = new Hand([square("p", 20, 20, 40)]).take("select");
  hand.bench.choose("p");
  hand.drag([60, 20], [70, 15]);
  assert.deepEqual(points(hand), [[20, 20], [70, 15], [60, 60], [20, 60]]);
  hand.drag([40, 60], [40, 80]);
  assert.deepEqual(points(hand), [[20, 20], [70, 15], [60, 60], [40, 80], [20, 60]]);
  hand.click(70, 15, { alt: true }).click(20, 60, { alt: true });
  assert.deepEqual(points(hand), [[20, 20], [60, 60], [40, 80]]);
  hand.click(60, 60, { alt: true });
  assert.equal((points(hand) as unknown[]).length, 3);
  hand.bench.store.undo();
  hand.bench.ui.pointer.value = { x: 21, y: 61 };
  removePoint(hand.bench);
  assert.deepEqual(points(hand), [[20, 20], [60, 60], [40, 80]]);
});

test("a pulled point sticks to a neighbour, not to its own outline", () => {
  const hand = new Hand([square("p", 20, 20, 40), square("q", 90, 20, 40)]).take("select");
  hand.bench.choose("p");
  hand.drag([60, 20], [88, 23]);
  assert.deepEqual((points(hand) as number[][])[1], [90, 20]);
});

test("an outline is resized as a whole by keys", () => {
  const hand = new Hand([square("p", 20, 20, 40)]);
  hand.bench.choose("p");
  resize(hand.bench, 40, 0);
  assert.deepEqual(points(hand), [[20, 20], [100, 20], [100, 60], [20, 60]]);
});

test("a copy lies beside its original with an identity of its own, and goes over to another item", () => {
  const hand = new Hand([{ ...boxAt("a", 170, 10, 20, 20), track: "t", source: "prediction", score: 0.5 } as AnyObject]);
  hand.bench.choose("a");
  duplicateObjects(hand.bench);
  const [, copy] = hand.objects as [AnyObject, BoxObject];
  assert.deepEqual(copy.box, [158, 22, 20, 20], "at the right rim it goes to the left");
  assert.notEqual(copy.id, "a");
  assert.deepEqual(["track", "source", "score"].filter((key) => key in copy), []);
  assert.deepEqual(chosen(hand), [copy.id]);
  copyObjects(hand.bench);
  hand.bench.store.load({ objects: [], item: {} });
  pasteObjects(hand.bench);
  assert.deepEqual(boxes(hand), [[158, 22, 20, 20]]);
  pasteObjects(hand.bench);
  assert.deepEqual(boxes(hand), [[158, 22, 20, 20], [170, 34, 20, 20]]);
});

test("polygons that touch become one outline with the first one's identity; apart they stay", () => {
  const hand = new Hand([square("p", 20, 20, 40), square("q", 40, 20, 40), square("r", 150, 20, 10)]);
  hand.bench.store.selectAll(["q", "p"]);
  mergeObjects(hand.bench);
  assert.deepEqual(ids(hand), ["p", "r"]);
  assert.deepEqual(points(hand), [[20, 20], [80, 20], [80, 60], [20, 60]]);
  hand.bench.store.selectAll(["p", "r"]);
  mergeObjects(hand.bench);
  assert.equal(hand.objects.length, 2);
  assert.equal(hand.bench.ui.message.value?.text, "merge_apart");
});

test("a merge around an empty middle keeps it as a hole", () => {
  const bar = (id: string, x: number, y: number, w: number, h: number): AnyObject => ({ id, kind: "polygon", label: "road", points: [[x, y], [x + w, y], [x + w, y + h], [x, y + h]] });
  const hand = new Hand([bar("n", 10, 10, 60, 10), bar("s", 10, 60, 60, 10), bar("w", 10, 10, 10, 60), bar("e", 60, 10, 10, 60)]);
  chooseAll(hand.bench);
  mergeObjects(hand.bench);
  assert.equal(hand.objects.length, 1);
  assert.equal((hand.objects[0] as OtherObject).holes instanceof Array, true);
  assert.equal(hand.bench.under({ x: 40, y: 40 }).length, 0);
});

test("boxes of a label without polygons become the box around them", () => {
  const hand = new Hand([boxAt("a", 10, 10, 20, 20, "crate"), boxAt("b", 50, 20, 20, 20, "crate")]);
  chooseAll(hand.bench);
  mergeObjects(hand.bench);
  assert.deepEqual(boxes(hand), [[10, 10, 60, 30]]);
});

test("a line cuts a polygon in two; the first piece keeps the identity", () => {
  const hand = new Hand([square("p", 20, 20, 40), square("q", 150, 20, 10)]);
  hand.bench.choose("p");
  assert.equal(splitObjects(hand.bench, { x: 40, y: 10 }, { x: 40, y: 90 }), true);
  assert.equal(hand.objects.length, 3);
  assert.deepEqual(ids(hand)[2], "q");
  assert.equal(ids(hand).includes("p"), true);
  const wide = (at: number): number[] => [Math.min(...(points(hand, at) as number[][]).map(([x]) => x!)), Math.max(...(points(hand, at) as number[][]).map(([x]) => x!))];
  assert.deepEqual([wide(0), wide(1)].sort((a, b) => a[0]! - b[0]!), [[20, 40], [40, 60]]);
  hand.bench.store.undo();
  assert.deepEqual(ids(hand), ["p", "q"]);
});

test("a slanted line cuts a box of a box-only label upright, and nothing when it misses", () => {
  const hand = new Hand([boxAt("a", 20, 20, 40, 40, "crate")]);
  hand.bench.choose("a");
  assert.equal(splitObjects(hand.bench, { x: 38, y: 10 }, { x: 42, y: 70 }), true);
  assert.deepEqual((boxes(hand) as number[][]).sort((a, b) => a[0]! - b[0]!), [[20, 20, 20, 40], [40, 20, 20, 40]]);
  assert.equal(splitObjects(hand.bench, { x: 150, y: 10 }, { x: 150, y: 70 }), false);
});

test("the cutting tool works by a drag and by two clicks, on what lies under the line when nothing is chosen", () => {
  for (const cut of [(hand: Hand) => hand.drag([40, 10], [40, 80]), (hand: Hand) => hand.click(40, 10).click(40, 80)]) {
    const hand = new Hand([square("p", 20, 20, 40)]).take("split");
    hand.bench.choose(null);
    cut(hand);
    assert.equal(hand.objects.length, 2);
    assert.equal(hand.bench.ui.tool.value, "select");
  }
});

test("a keypoint is covered, seen, or without a place; one at least stays", () => {
  const person: AnyObject = { id: "k", kind: "keypoints", label: "person", points: [[50, 10, 2], [70, 40, 1], [0, 0, 0]] };
  const hand = new Hand([person]).take("select");
  hand.bench.choose("k");
  hand.bench.ui.pointer.value = { x: 69, y: 41 };
  toggleVisibility(hand.bench);
  assert.deepEqual(points(hand), [[50, 10, 2], [70, 40, 2], [0, 0, 0]]);
  assert.deepEqual((withVisibility(person, 2, 2) as OtherObject).points, [[50, 10, 2], [70, 40, 1], [60, 25, 2]]);
  const one = withVisibility(person, 0, 0);
  assert.deepEqual((one as OtherObject).points, [[0, 0, 0], [70, 40, 1], [0, 0, 0]]);
  assert.equal(withVisibility(one, 1, 0), one);
  hand.drag([50, 10], [55, 20]);
  assert.deepEqual((points(hand) as number[][])[0], [55, 20, 2]);
});

test("Alt+click goes on to the object underneath, round and round", () => {
  const hand = new Hand([boxAt("big", 0, 0, 100, 100), boxAt("mid", 10, 10, 60, 60), boxAt("small", 20, 20, 20, 20)]).take("select");
  hand.click(30, 30);
  assert.deepEqual(chosen(hand), ["small"]);
  for (const id of ["mid", "big", "small"]) assert.deepEqual(chosen(hand.click(30, 30, { alt: true })), [id]);
});

test("several sent to the back keep their order among each other", () => {
  const hand = three();
  hand.bench.store.selectAll(["b", "c"]);
  reorder(hand.bench, "back");
  assert.deepEqual(ids(hand), ["b", "c", "a"]);
});

test("what is deleted is no longer counted as chosen", () => {
  const hand = three();
  hand.bench.store.selectAll(["a", "b", "c"]);
  hand.bench.store.dropAll(["a", "c"]);
  assert.deepEqual([hand.bench.store.selected.value, hand.bench.store.others.value.size], ["b", 0]);
});
