import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteChosen } from "../../../static/src/workbench/actions/choosing.ts";
import { toggleVisibility } from "../../../static/src/workbench/actions/keypointing.ts";
import { nudge } from "../../../static/src/workbench/actions/moving.ts";
import { addVertex, vertex, vertexed, walk } from "../../../static/src/workbench/actions/vertices.ts";
import type { AnyObject, BoxObject, OtherObject } from "../../../static/src/workbench/sync/bundle.ts";
import { boxAt, Hand } from "./hand.ts";

const RING: AnyObject = { id: "r", kind: "polygon", label: "road", points: [[10, 10], [60, 10], [60, 50], [10, 50]] };
const over = (object: AnyObject): Hand => {
  const hand = new Hand([object], object.label).take("select");
  hand.bench.choose(object.id);
  return hand;
};
const points = (hand: Hand): unknown => (hand.objects[0] as OtherObject).points;
const at = (hand: Hand): string | undefined => vertex(hand.bench)?.handle.name;

test("keys walk round the points and those of the holes, and Escape leaves them before the object", () => {
  const hand = over({ ...RING, holes: [[[20, 20], [30, 20], [30, 30]]] } as AnyObject);
  const { bench } = hand;
  assert.equal(vertex(bench), null);
  const seen = Array.from({ length: 8 }, () => (walk(bench, 1), at(hand)));
  assert.deepEqual(seen, ["p0", "p1", "p2", "p3", "0p0", "0p1", "0p2", "p0"]);
  walk(bench, -1);
  assert.equal(at(hand), "0p2");
  bench.letGo();
  assert.deepEqual([vertex(bench), bench.store.selected.peek()], [null, "r"]);
});

test("arrows move the ringed point alone, within the picture; a run of them is one step back", () => {
  const hand = over(RING);
  walk(hand.bench, 1);
  walk(hand.bench, 1);
  nudge(hand.bench, 1, 0);
  nudge(hand.bench, 10, 0);
  nudge(hand.bench, 0, -30);
  assert.deepEqual(points(hand), [[10, 10], [71, 0], [60, 50], [10, 50]]);
  hand.bench.store.undo();
  assert.deepEqual(points(hand), (RING as OtherObject).points);
  assert.equal(at(hand), "p1");
  walk(hand.bench, 1);
  nudge(hand.bench, 1, 0);
  walk(hand.bench, 1);
  nudge(hand.bench, 1, 0);
  hand.bench.store.undo();
  assert.deepEqual(points(hand), [[10, 10], [60, 10], [61, 50], [10, 50]]); // another point is another step
});

test("a point is put in after the ringed one and taken out again, the object stays", () => {
  const hand = over(RING);
  walk(hand.bench, 1);
  addVertex(hand.bench);
  assert.deepEqual([points(hand), at(hand)], [[[10, 10], [35, 10], [60, 10], [60, 50], [10, 50]], "p1"]);
  deleteChosen(hand.bench);
  assert.deepEqual([points(hand), at(hand)], [(RING as OtherObject).points, "p0"]);
  deleteChosen(hand.bench);
  deleteChosen(hand.bench);
  assert.equal((points(hand) as unknown[]).length, 3);
  assert.equal(hand.bench.ui.message.peek()?.text, "points_needed");
  hand.bench.letGo();
  deleteChosen(hand.bench);
  assert.deepEqual(hand.objects, []);
});

test("a line grows at its end", () => {
  const hand = over({ id: "l", kind: "polyline", label: "lane", points: [[10, 10], [30, 20]] });
  walk(hand.bench, -1);
  addVertex(hand.bench);
  assert.deepEqual([points(hand), at(hand)], [[[10, 10], [30, 20], [40, 25]], "p2"]);
});

test("the corners of a turned box are moved while the opposite one stands still, and none is taken out", () => {
  const hand = over({ ...boxAt("b", 50, 30, 40, 20), rotation: 90 } as AnyObject);
  walk(hand.bench, 1); // nw: at the upper right as seen
  nudge(hand.bench, 10, 0);
  const { box, rotation } = hand.objects[0] as BoxObject;
  assert.deepEqual([box, rotation], [[55, 25, 40, 30], 90]);
  deleteChosen(hand.bench);
  addVertex(hand.bench);
  assert.equal((hand.objects[0] as BoxObject).box[3], 30);
});

test("keypoints without a place are passed over; the ringed one is covered or seen", () => {
  const hand = over({ id: "k", kind: "keypoints", label: "person", points: [[10, 10, 2], [0, 0, 0], [30, 40, 2]] });
  walk(hand.bench, 1);
  walk(hand.bench, 1);
  assert.equal(at(hand), "p2");
  toggleVisibility(hand.bench);
  nudge(hand.bench, 0, 1);
  assert.deepEqual(points(hand), [[10, 10, 2], [0, 0, 0], [30, 41, 1]]);
});

test("what is locked, hidden, or several at once has no point in the hand, nor has what is chosen next", () => {
  const hand = new Hand([RING, { ...RING, id: "q" }], "road").take("select");
  hand.bench.choose("r");
  walk(hand.bench, 1);
  hand.bench.choose("q");
  hand.bench.choose("r");
  assert.equal(vertex(hand.bench), null);
  walk(hand.bench, 1);
  hand.bench.store.toggle("locked", "r");
  assert.deepEqual([vertex(hand.bench), vertexed(hand.bench)], [null, false]);
  hand.bench.store.toggle("locked", "r");
  hand.bench.store.selectAll(["r", "q"]);
  assert.deepEqual([vertex(hand.bench), vertexed(hand.bench)], [null, false]);
});
