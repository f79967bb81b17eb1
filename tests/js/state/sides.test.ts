import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/src/workbench/shapes/box.ts";
import "../../../static/src/workbench/shapes/outline.ts";
import { compared, differences, NEITHER, placed, standing } from "../../../static/src/workbench/state/sides.ts";
import type { AnyObject, Attributes } from "../../../static/src/workbench/sync/bundle.ts";

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

test("a document says which side it follows, also when what was taken last was undone", () => {
  const side = (label: string, ...objects: AnyObject[]) => ({ label, objects });
  const [both, alone] = [compared([side("A", box("a", "car", 0, 0, 10, 10)), side("B", box("b", "bus", 0, 0, 10, 10))]), compared([side("A", box("a", "car", 0, 0, 10, 10)), side("B")])];
  const document = (...objects: AnyObject[]) => ({ objects, item: {} });
  assert.equal(standing(both.disputes[0]!, document(box("b", "bus", 0, 0, 10, 10)), undefined), 1);
  assert.equal(standing(both.disputes[0]!, document(), undefined), undefined);
  assert.equal(standing(both.disputes[0]!, document(), 1), undefined);
  assert.equal(standing(both.disputes[0]!, document(box("c", "van", 0, 0, 9, 9)), NEITHER), NEITHER);
  assert.equal(standing(alone.disputes[0]!, document(), 1), 1);
  assert.equal(standing(alone.disputes[0]!, document(box("a", "car", 0, 0, 10, 10)), 1), 0);
});

const item = (label: string, values: Attributes) => ({ label, objects: [], item: values });

test("attributes of the item that all gave alike are agreed on, the others are disagreements of their own", () => {
  const found = compared([item("A", { mood: "good", topics: ["x", "y"], stars: 3 }), item("B", { mood: "bad", topics: ["y", "x"] })]);
  assert.deepEqual(found.item, { topics: ["x", "y"] });
  assert.deepEqual(found.disputes.map((one) => one.item), [
    { names: ["mood"], values: [{ mood: "good" }, { mood: "bad" }] },
    { names: ["stars"], values: [{ stars: 3 }, {}] },
  ]);
  const [mood, stars] = found.disputes;
  const said = (values: Attributes) => ({ objects: [], item: values });
  assert.equal(standing(mood!, said({ mood: "bad" }), undefined), 1);
  assert.equal(standing(mood!, said({ mood: "so so" }), undefined), NEITHER);
  assert.equal(standing(mood!, said({}), 1), undefined);
  assert.equal(standing(stars!, said({}), 1), 1);
});

test("an attribute that applies under another one is decided together with it", () => {
  const schema = [{ name: "weather", type: "choice" as const }, { name: "depth", type: "number" as const, when: { weather: "snow" } }];
  const { disputes } = compared([item("A", { weather: "snow", depth: 3 }), item("B", { weather: "sun" })], schema);
  assert.deepEqual(disputes.map((one) => one.item), [{ names: ["weather", "depth"], values: [{ weather: "snow", depth: 3 }, { weather: "sun" }] }]);
});

test("several options of an attribute are the same in any order", () => {
  const of = (id: string, ...parts: string[]) => ({ ...box(id, "car", 0, 0, 10, 10), attributes: { parts } }) as AnyObject;
  assert.equal(compared([{ label: "A", objects: [of("a", "door", "roof")] }, { label: "B", objects: [of("b", "roof", "door")] }]).agreed.length, 1);
  assert.equal(compared([{ label: "A", objects: [of("a", "door", "roof")] }, { label: "B", objects: [of("b", "roof")] }]).agreed.length, 0);
});

test("outlines in one rectangle agree only when they enclose the same", () => {
  const outline = (id: string, ...points: number[][]) => ({ id, kind: "polygon", label: "car", points }) as unknown as AnyObject;
  const square = [[0, 0], [40, 0], [40, 40], [0, 40]];
  const pair = (other: AnyObject) => compared([{ label: "A", objects: [outline("a", ...square)] }, { label: "B", objects: [other] }]).agreed.length;
  assert.equal(pair(outline("b", [0, 40], [1, 0], [40, 1], [40, 40])), 1);
  assert.equal(pair(outline("b", [0, 0], [40, 0], [0, 40], [40, 40])), 0);
  assert.equal(pair({ ...box("b", "car", 0, 0, 40, 40) }), 0);
});

test("turned boxes, lines and keypoints agree by where they lie, keypoints also by what is visible", () => {
  const pair = (one: object, other: object) =>
    compared([{ label: "A", objects: [{ id: "a", label: "car", ...one } as AnyObject] }, { label: "B", objects: [{ id: "b", label: "car", ...other } as AnyObject] }]).agreed.length;
  const long = { kind: "box", box: [0, 20, 60, 10] };
  assert.equal(pair({ ...long, rotation: 45 }, { ...long, rotation: 47 }), 0);
  assert.equal(pair({ ...long, rotation: 45 }, { ...long, rotation: 45.3 }), 1);
  assert.equal(pair({ ...long, rotation: 45 }, { ...long, rotation: 135 }), 0);
  assert.equal(pair({ kind: "polyline", points: [[0, 0], [50, 50]] }, { kind: "polyline", points: [[0, 1], [25, 26], [50, 50]] }), 1);
  assert.equal(pair({ kind: "polyline", points: [[0, 0], [50, 50]] }, { kind: "polyline", points: [[0, 0], [50, 0], [50, 50]] }), 0);
  assert.equal(pair({ kind: "keypoints", points: [[0, 0, 2], [50, 50, 1]] }, { kind: "keypoints", points: [[1, 0, 2], [50, 51, 1]] }), 1);
  assert.equal(pair({ kind: "keypoints", points: [[0, 0, 2], [50, 50, 1]] }, { kind: "keypoints", points: [[1, 0, 2], [50, 51, 2]] }), 0);
});

const span = (id: string, label: string, start: number, end: number) => ({ id, kind: "span", label, start, end }) as AnyObject;
const link = (id: string, from: string, to: string) => ({ id, kind: "relation", label: "of", from, to }) as AnyObject;

test("spans agree to the letter, and relations where they lead from and to the same", () => {
  const { agreed, disputes } = compared([
    { label: "A", objects: [link("ar", "a1", "a2"), span("a1", "x", 0, 30), span("a2", "x", 40, 50), span("a3", "x", 60, 90)] },
    { label: "B", objects: [span("b1", "x", 0, 30), span("b2", "x", 40, 50), link("br", "b1", "b2"), span("b3", "x", 60, 89)] },
  ]);
  assert.deepEqual(ids(agreed), ["a1", "a2", "ar"]);
  assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[["a3"], ["b3"]]]);
});

test("a side's relation comes with the disputed object it leads to, and leads to what was agreed by its agreed name", () => {
  const { disputes } = compared([
    { label: "A", objects: [span("a1", "x", 0, 5)] },
    { label: "B", objects: [span("b1", "x", 0, 5), span("b2", "x", 10, 15), link("br", "b1", "b2")] },
  ]);
  assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[[], ["b2", "br"]]]);
  assert.deepEqual(disputes[0]!.has[1]![1], link("br", "a1", "b2"));
});

test("a disagreement says object by object what differs", () => {
  const side = (label: string, ...objects: AnyObject[]) => ({ label, objects });
  const said = (...sides: AnyObject[][]) => compared(sides.map((objects, at) => side("ABC"[at]!, ...objects))).disputes.map(differences);
  const car = box("a", "car", 0, 0, 100, 100);
  assert.deepEqual(said([car], [box("b", "bus", 0, 0, 100, 100)]), [[{ kind: "label" }]]);
  assert.deepEqual(said([car], [box("b", "car", 50, 0, 100, 100)]), [[{ kind: "moved", iou: 1 / 3 }]]);
  assert.deepEqual(said([car], [{ ...box("b", "bus", 50, 0, 100, 100), attributes: { wet: true } } as AnyObject]), [[{ kind: "label" }, { kind: "moved", iou: 1 / 3 }, { kind: "attributes", names: ["wet"] }]]);
  assert.deepEqual(said([car], [box("b", "car", 0, 0, 100, 100)], []), [[{ kind: "missing", sides: [2] }]]);
  assert.deepEqual(said([car], [box("b", "car", 0, 0, 45, 100), box("c", "car", 50, 0, 50, 100)]), [[{ kind: "number" }]]);
});

test("an object knows its place of disagreement and its side, and one that all have, none", () => {
  const found = compared([{ label: "A", objects: [box("a", "car", 0, 0, 10, 10), box("x", "car", 60, 60, 9, 9)] }, { label: "B", objects: [box("b", "bus", 0, 0, 10, 10), box("y", "car", 60, 60, 9, 9)] }]);
  assert.deepEqual([placed(found, "a"), placed(found, "b"), placed(found, "x")], [{ at: 0, side: 0 }, { at: 0, side: 1 }, null]);
});

test("objects that overlap a little are places of their own, each with the most alike of the others", () => {
  const [a, b] = [[box("a", "car", 0, 0, 20, 20), box("x", "car", 15, 0, 20, 20)], [box("b", "bus", 1, 0, 20, 20), box("y", "bus", 16, 0, 20, 20)]];
  const { disputes } = compared([{ label: "A", objects: a }, { label: "B", objects: b }]);
  assert.deepEqual(disputes.map(({ has }) => has.map(ids)), [[["a"], ["b"]], [["x"], ["y"]]]);
});
