/** Properties: whatever is done, undoing all leads back to the start, and what is stored is what the server takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAll, deleteChosen, removePoint, reorder, undo } from "../../../static/src/workbench/actions/choosing.ts";
import { copyObjects, duplicateObjects, pasteObjects } from "../../../static/src/workbench/actions/copying.ts";
import { mergeObjects, splitObjects } from "../../../static/src/workbench/actions/joining.ts";
import { toggleVisibility } from "../../../static/src/workbench/actions/keypointing.ts";
import { nudge, resize, turn } from "../../../static/src/workbench/actions/moving.ts";
import { shapeOf } from "../../../static/src/workbench/shapes/shape.ts";
import { hasArea } from "../../../static/src/workbench/shapes/outline.ts";
import type { AnyObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";
import { boxAt, Hand, SCHEMA } from "./hand.ts";

const [W, H] = [200, 100];
const start = (): AnyObject[] => [
  boxAt("a", 10, 10, 30, 20), { ...boxAt("b", 60, 30, 40, 20), rotation: 30 } as AnyObject,
  { id: "p", kind: "polygon", label: "road", points: [[100, 20], [150, 20], [150, 80], [110, 90]], holes: [[[115, 30], [130, 30], [130, 45]]] },
  { id: "l", kind: "polyline", label: "lane", points: [[5, 5], [100, 95], [190, 40]] },
  { id: "n", kind: "point", label: "nose", points: [[180, 80]] },
  { id: "k", kind: "keypoints", label: "person", points: [[50, 10, 2], [70, 40, 1], [0, 0, 0]] },
];
const TOOLS = ["select", "box", "extreme", "rotated", "polygon", "polyline", "point", "keypoints", "hole", "split"];

function act(hand: Hand, chance: Chance): void {
  const { bench } = hand;
  const place = (): [number, number] => [chance.between(-10, W + 10), chance.between(-10, H + 10)];
  const held = { shift: chance.next() < 0.2, alt: chance.next() < 0.2, ctrl: chance.next() < 0.1 };
  const at = (): { x: number; y: number } => ({ x: chance.between(0, W), y: chance.between(0, H) });
  const doing: (() => unknown)[] = [
    () => hand.take(chance.pick(TOOLS)),
    () => bench.takeLabel(chance.pick(SCHEMA.labels).name),
    () => hand.click(...place(), held),
    () => hand.click(...place(), held),
    () => hand.drag(place(), place(), held),
    () => hand.drag(place(), place(), held),
    () => hand.tool.finish?.(),
    () => hand.tool.skip?.(),
    () => hand.tool.toggle?.(),
    () => hand.tool.cancel(),
    () => bench.store.step(1),
    () => chooseAll(bench),
    () => bench.choose(chance.pick(hand.objects)?.id ?? null),
    () => bench.store.toggleSelected(chance.pick(hand.objects)?.id ?? ""),
    () => nudge(bench, chance.between(-20, 20), chance.between(-20, 20)),
    () => resize(bench, chance.between(-20, 20), chance.between(-20, 20)),
    () => turn(bench, chance.between(-90, 90)),
    () => reorder(bench, chance.pick(["front", "back"] as const)),
    () => hand.objects.length < 30 && duplicateObjects(bench),
    () => copyObjects(bench),
    () => hand.objects.length < 30 && pasteObjects(bench),
    () => mergeObjects(bench),
    () => hand.objects.length < 30 && splitObjects(bench, at(), at()),
    () => ((bench.ui.pointer.value = at()), removePoint(bench)),
    () => ((bench.ui.pointer.value = at()), toggleVisibility(bench)),
    () => chance.next() < 0.3 && deleteChosen(bench),
    () => undo(bench),
    () => bench.store.redo(),
    () => bench.store.toggle(chance.pick(["hidden", "locked"] as const), chance.pick(hand.objects)?.id ?? ""),
  ];
  chance.pick(doing)();
}

/** The rules of labels/objects.py, as far as shapes go. */
function sound(object: AnyObject): void {
  const label = SCHEMA.labels.find(({ name }) => name === object.label)!;
  const told = JSON.stringify(object);
  assert.ok(label.kinds.includes(object.kind), told);
  const inside = ([x, y]: number[]): boolean => x! >= -1 && y! >= -1 && x! <= W + 1 && y! <= H + 1;
  if (object.kind === "box") {
    const [x, y, w, h] = (object as unknown as { box: [number, number, number, number] }).box;
    assert.ok([x, y, w, h].every(Number.isFinite) && w > 0 && h > 0, told);
    assert.ok(object.rotation ? inside([x + w / 2, y + h / 2]) : inside([x, y]) && inside([x + w, y + h]), told);
    return;
  }
  const { points, holes } = object as unknown as { points: number[][]; holes?: number[][][] };
  assert.ok(points.every((point) => point.every(Number.isFinite) && inside(point)), told);
  if (object.kind === "polygon") {
    for (const ring of [points, ...(holes ?? [])]) assert.ok(ring.length >= 3, told);
    if (holes) assert.ok(holes.length > 0, told);
  }
  if (object.kind === "polyline") assert.ok(points.length >= 2, told);
  if (object.kind === "point") assert.equal(points.length, 1, told);
  if (object.kind === "keypoints") assert.ok(points.length === 3 && points.every((row) => [0, 1, 2].includes(row[2]!)) && points.some((row) => row[2]), told);
}

test("whatever the hand does, undoing all leads back to the start and redoing all to the end", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const chance = new Chance(seed);
    const hand = new Hand(start());
    const first = hand.bench.store.document.peek();
    for (let i = 0; i < 60; i++) {
      act(hand, chance);
      const known = hand.objects.map(({ id }) => id);
      assert.equal(new Set(known).size, known.length, `seed ${seed}: an identity twice`);
      for (const object of hand.bench.store.selection.peek()) assert.ok(known.includes(object.id));
    }
    hand.tool.cancel();
    while (hand.bench.store.redo());
    const last = hand.bench.store.document.peek();
    while (hand.bench.store.undo());
    assert.deepEqual(hand.bench.store.document.peek(), first, `seed ${seed}`);
    while (hand.bench.store.redo());
    assert.deepEqual(hand.bench.store.document.peek(), last, `seed ${seed}`);
  }
});

test("whatever the hand does, each object is one that the server takes", () => {
  for (let seed = 101; seed <= 180; seed++) {
    const chance = new Chance(seed);
    const hand = new Hand(start());
    for (let i = 0; i < 50; i++) {
      act(hand, chance);
      hand.objects.forEach(sound);
    }
  }
});

test("a document that is only looked at, with every tool in turn, stays what it was", () => {
  const hand = new Hand(start());
  const first = hand.bench.store.document.peek();
  const told = JSON.stringify(first);
  for (const tool of TOOLS) {
    hand.take(tool);
    for (const object of hand.objects) {
      hand.bench.choose(object.id);
      const shape = shapeOf(object)!;
      const { x, y } = shape.bounds(object);
      hand.tool.move(hand.press(x, y));
      hand.tool.cursor(hand.press(x, y));
      hand.tool.cancel();
      assert.equal(shape.moved(object, 0, 0, { w: W, h: H }) === object || JSON.stringify(shape.moved(object, 0, 0, { w: W, h: H })) === JSON.stringify(object), true, object.id);
    }
  }
  assert.equal(hand.bench.store.document.peek(), first);
  assert.equal(JSON.stringify(first), told);
});

test("every handle, dragged to its own place, leaves the object where it is", () => {
  const hand = new Hand(start());
  for (const object of hand.objects) {
    const shape = shapeOf(object)!;
    for (const { name, at, look } of shape.handles(object, 1)) {
      if (look === "new") continue;
      const after = shape.dragged(object, name, at, { w: W, h: H });
      const [before, now] = [shape.bounds(object), shape.bounds(after)];
      for (const side of ["x", "y", "w", "h"] as const) assert.ok(Math.abs(before[side] - now[side]) < 0.03, `${object.id} ${name} ${side}`);
    }
  }
});

test("a ring of points on one line has no area", () => {
  assert.equal(hasArea([{ x: 0, y: 0 }, { x: 5, y: 5 }, { x: 9, y: 9 }]), false);
  assert.equal(hasArea([{ x: 0, y: 0 }, { x: 5, y: 5 }, { x: 9, y: 0 }]), true);
});
