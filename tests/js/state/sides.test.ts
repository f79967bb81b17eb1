import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/src/workbench/shapes/box.ts";
import { compared, takenBy } from "../../../static/src/workbench/state/sides.ts";
import type { AnyObject } from "../../../static/src/workbench/sync/bundle.ts";

const box = (id: string, label: string, ...sides: number[]): AnyObject => ({ id, kind: "box", label, box: sides }) as unknown as AnyObject;
const ids = (objects: readonly AnyObject[]): string[] => objects.map(({ id }) => id);

test("nearly the same box of one label is agreed on, as the first side drew it", () => {
  const found = compared([{ label: "A", objects: [box("a", "car", 0, 0, 100, 100)] }, { label: "B", objects: [box("b", "car", 1, 1, 100, 100)] }]);
  assert.deepEqual(ids(found.agreed), ["a"]);
  assert.deepEqual(found.disputes, []);
});

test("another label, another place or other attributes are a disagreement of one place", () => {
  for (const other of [box("b", "bus", 0, 0, 100, 100), box("b", "car", 30, 0, 100, 100), { ...box("b", "car", 0, 0, 100, 100), attributes: { occluded: true } }]) {
    const { agreed, disputes } = compared([{ label: "A", objects: [box("a", "car", 0, 0, 100, 100)] }, { label: "B", objects: [other] }]);
    assert.deepEqual(agreed, []);
    assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[["a"], ["b"]]]);
  }
});

test("what only one side has stands by itself, against nothing", () => {
  const { disputes } = compared([{ label: "A", objects: [box("a", "car", 0, 0, 10, 10)] }, { label: "B", objects: [box("b", "car", 50, 50, 10, 10)] }]);
  assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[["a"], []], [[], ["b"]]]);
});

test("two objects in place of one are one disagreement", () => {
  const { disputes } = compared([{ label: "A", objects: [box("a", "car", 0, 0, 20, 10)] }, { label: "B", objects: [box("b", "car", 0, 0, 9, 10), box("c", "car", 10, 0, 10, 10)] }]);
  assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[["a"], ["b", "c"]]]);
});

test("of three sides all must agree", () => {
  const side = (label: string, ...objects: AnyObject[]) => ({ label, objects });
  const same = compared([side("A", box("a", "car", 0, 0, 10, 10)), side("B", box("b", "car", 0, 0, 10, 10)), side("C", box("c", "car", 0, 0, 10, 10))]);
  assert.deepEqual(ids(same.agreed), ["a"]);
  const two = compared([side("A", box("a", "car", 0, 0, 10, 10)), side("B", box("b", "car", 0, 0, 10, 10)), side("C")]);
  assert.deepEqual(two.agreed, []);
  assert.deepEqual(two.disputes.map(({ has }) => has.map(ids)), [[["a"], ["b"], []]]);
});

test("every object is agreed on or in exactly one disagreement", () => {
  let seed = 7;
  const chance = (most: number): number => (seed = (seed * 16807) % 2147483647) % most;
  for (let round = 0; round < 200; round++) {
    const make = (side: string) => Array.from({ length: chance(8) }, (_, n) => box(`${side}${n}`, ["car", "bus"][chance(2)]!, chance(40), chance(40), 1 + chance(20), 1 + chance(20)));
    const sides = [{ label: "A", objects: make("a") }, { label: "B", objects: make("b") }];
    const { agreed, disputes } = compared(sides);
    const disputed = disputes.flatMap(({ has }) => has.flatMap(ids));
    assert.equal(new Set(disputed).size, disputed.length);
    assert.equal(disputed.length + 2 * agreed.length, sides[0]!.objects.length + sides[1]!.objects.length);
  }
});

test("a draft says which side was taken where it took exactly one", () => {
  const sides = compared([{ label: "A", objects: [box("a", "car", 0, 0, 10, 10)] }, { label: "B", objects: [box("b", "bus", 0, 0, 10, 10)] }]);
  assert.deepEqual([...takenBy(sides, { objects: [box("b", "bus", 0, 0, 10, 10)], item: {} })], [[0, 1]]);
  assert.deepEqual([...takenBy(sides, { objects: [], item: {} })], []);
});
