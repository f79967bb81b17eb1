import assert from "node:assert/strict";
import { test } from "node:test";
import { between } from "../../../static/src/workbench/geometry/between.ts";
import type { AnyObject, BoxObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";

const box = (sides: BoxObject["box"], rotation = 0): BoxObject => ({ id: "a", kind: "box", label: "car", box: sides, ...(rotation ? { rotation } : {}) });
const shape = (kind: string, points: number[][], more: object = {}): AnyObject => ({ id: "a", kind, label: "car", points, ...more }) as unknown as AnyObject;
const turnOf = (from: number, to: number, t: number): number => (between(box([0, 0, 9, 9], from), box([0, 0, 9, 9], to), t) as BoxObject).rotation ?? 0;
const pointsOf = (object: AnyObject): unknown => (object as { points?: unknown }).points;

test("half way between two boxes is the middle of each number", () => {
  assert.deepEqual(between(box([0, 10, 20, 30]), box([100, 20, 40, 10]), 0.5), box([50, 15, 30, 20]));
});

test("a box turns by the shorter way", () => {
  assert.equal(turnOf(350, 10, 0.5), 0);
  assert.equal(turnOf(350, 10, 0.75), 5);
  assert.equal(turnOf(10, 350, 0.75), 355);
  assert.equal(turnOf(0, 90, 0.5), 45);
  assert.equal(turnOf(-10, 10, 0.25), 355);
});

test("a box that passes upright has no rotation", () => {
  assert.ok(!("rotation" in between(box([0, 0, 9, 9], 350), box([0, 0, 9, 9], 10), 0.5)));
});

test("at the ends it is the ends, to the last digit", () => {
  const chance = new Chance(3);
  for (let i = 0; i < 500; i++) {
    const make = (): BoxObject => box([chance.between(0, 500), chance.between(0, 500), chance.between(1, 90), chance.between(1, 90)], chance.whole(360));
    const [a, b] = [make(), make()];
    assert.deepEqual(between(a, b, 0), a);
    assert.deepEqual(between(a, b, 1), b);
    const ring = (): AnyObject => shape("polygon", Array.from({ length: 5 }, () => [chance.between(0, 500), chance.between(0, 500)]));
    const [c, d] = [ring(), ring()];
    assert.deepEqual(between(c, d, 0), c);
    assert.deepEqual(between(c, d, 1), d);
  }
});

test("between the ends no number leaves the range of the ends, and all are hundredths", () => {
  const chance = new Chance(4);
  for (let i = 0; i < 500; i++) {
    const make = (): BoxObject => box([chance.whole(500), chance.whole(500), 1 + chance.whole(90), 1 + chance.whole(90)]);
    const [a, b] = [make(), make()];
    (between(a, b, chance.next()) as BoxObject).box.forEach((value, n) => {
      assert.ok(value >= Math.min(a.box[n]!, b.box[n]!) && value <= Math.max(a.box[n]!, b.box[n]!));
      assert.equal(value, Math.round(value * 100) / 100);
    });
  }
});

test("rounding leaves no box without a side", () => {
  const made = between(box([0, 0, 0.001, 5]), box([0, 0, 0.003, 5]), 0.5) as BoxObject;
  assert.ok(made.box[2] > 0);
});

test("id, label, attributes and track are of the first", () => {
  const a = { ...box([0, 0, 10, 10]), track: "t", attributes: { parked: true } };
  const b = { ...box([10, 0, 10, 10]), id: "b", label: "bus", attributes: { parked: false } };
  assert.deepEqual(between(a, b, 0.5), { ...a, box: [5, 0, 10, 10] });
});

test("points and lines of as many points go point by point", () => {
  assert.deepEqual(pointsOf(between(shape("point", [[0, 0]]), shape("point", [[10, 4]]), 0.5)), [[5, 2]]);
  assert.deepEqual(pointsOf(between(shape("polyline", [[0, 0], [10, 0]]), shape("polyline", [[0, 10], [20, 10]]), 0.1)), [[0, 1], [11, 1]]);
});

test("polygons go with their holes", () => {
  const at = (x: number): AnyObject => shape("polygon", [[x, 0], [x + 9, 0], [x, 9]], { holes: [[[x + 1, 1], [x + 3, 1], [x + 1, 3]]] });
  assert.deepEqual(between(at(0), at(10), 0.5), at(5));
});

test("unlike numbers of points or holes give a copy of the first", () => {
  const three = shape("polygon", [[0, 0], [9, 0], [0, 9]]);
  assert.deepEqual(between(three, shape("polygon", [[5, 0], [9, 0], [9, 9], [5, 9]]), 0.5), three);
  assert.deepEqual(between(three, shape("polygon", [[5, 0], [19, 0], [5, 19]], { holes: [[[6, 1], [8, 1], [6, 3]]] }), 0.5), three);
});

test("a ring that would fold up to a line is a copy of the first", () => {
  const [ring, back] = [shape("polygon", [[0, 0], [10, 0], [10, 10], [0, 10]]), shape("polygon", [[10, 0], [0, 0], [0, 10], [10, 10]])];
  assert.deepEqual(between(ring, back, 0.5), ring);
});

test("a keypoint keeps the visibility of the first, and its place where the other does not show it", () => {
  const a = shape("keypoints", [[0, 0, 2], [10, 10, 1], [4, 4, 2], [0, 0, 0]]);
  const b = shape("keypoints", [[10, 10, 1], [20, 20, 2], [0, 0, 0], [8, 8, 2]]);
  assert.deepEqual(pointsOf(between(a, b, 0.5)), [[5, 5, 2], [15, 15, 1], [4, 4, 2], [0, 0, 0]]);
});

test("masks and unlike kinds are copies of the first", () => {
  const mask = (counts: string): AnyObject => ({ id: "a", kind: "mask", label: "car", rle: { size: [4, 4], counts } });
  assert.deepEqual(between(mask("04"), mask("44"), 0.5), mask("04"));
  assert.deepEqual(between(box([0, 0, 1, 1]), mask("04"), 0.5), box([0, 0, 1, 1]));
});

test("neither end is changed", () => {
  const [a, b] = [shape("polygon", [[0, 0], [9, 0], [0, 9]]), shape("polygon", [[5, 0], [14, 0], [5, 9]])];
  const before = structuredClone([a, b]);
  between(a, b, 0.3);
  assert.deepEqual([a, b], before);
});
