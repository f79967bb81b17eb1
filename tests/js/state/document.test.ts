import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentStore } from "../../../static/src/workbench/state/document.ts";
import { applied, type Step } from "../../../static/src/workbench/state/patch.ts";
import type { AnnotationDocument, AnyObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";

const box = (id: string, x = 0, label = "car"): AnyObject => ({ id, kind: "box", label, box: [x, 0, 10, 10] });
const polygon: AnyObject = { id: "p", kind: "polygon", label: "car", points: [[0, 0], [5, 0], [5, 5]], holes: [], track: "t" };

function anyStep(chance: Chance, document: AnnotationDocument): Step {
  const ids = [...document.objects.map(({ id }) => id), "a", "b", "c", "d"];
  const roll = chance.next();
  if (roll < 0.2) return { op: "item", name: chance.pick(["weather", "usable"]), value: chance.pick([undefined, "rain", true]) };
  if (roll < 0.45) return { op: "drop", id: chance.pick(ids) };
  return { op: "put", object: box(chance.pick(ids), chance.whole(100)), ...(chance.next() < 0.3 ? { at: 0 } : {}) };
}

test("every patch is taken back by its inverse, order and all", () => {
  const chance = new Chance(7);
  for (let round = 0; round < 500; round++) {
    let document: AnnotationDocument = { objects: [polygon], item: {} };
    for (let i = 0; i < 6; i++) document = applied(document, [anyStep(chance, document)]).document;
    const patch = Array.from({ length: 1 + chance.whole(4) }, () => anyStep(chance, document));
    const { document: after, back } = applied(document, patch);
    assert.deepEqual(applied(after, back).document, document);
  }
});

test("any walk of changes, undos and redos leads back to each document on the way", () => {
  const chance = new Chance(11);
  for (let round = 0; round < 100; round++) {
    const store = new DocumentStore(() => 0);
    store.load({ objects: [polygon], item: {} });
    const way = [store.document.value];
    for (let i = 0; i < 30; i++) {
      const roll = chance.next();
      if (roll < 0.6) {
        const before = store.depth.value.undo;
        if (store.change([anyStep(chance, store.document.value)])) way.splice(before + 1, Infinity, store.document.value);
      } else if (roll < 0.85) store.undo();
      else store.redo();
      assert.deepEqual(store.document.value, way[store.depth.value.undo]);
    }
    while (store.undo());
    assert.deepEqual(store.document.value, way[0]);
    while (store.redo());
    assert.deepEqual(store.document.value, way.at(-1));
  }
});

test("nudges that follow each other fast are one step back; slow ones are not", () => {
  let now = 0;
  const store = new DocumentStore(() => now);
  store.load({ objects: [box("a")], item: {} });
  for (let x = 1; x <= 5; x++) {
    now += 100;
    store.put(box("a", x), "nudge a");
  }
  now += 5000;
  store.put(box("a", 6), "nudge a");
  assert.deepEqual(store.depth.value, { undo: 2, redo: 0 });
  store.undo();
  store.undo();
  assert.deepEqual(store.document.value.objects, [box("a")]);
});

test("what is locked stays as it is, and so does everything while the desk is frozen", () => {
  const store = new DocumentStore();
  store.load({ objects: [box("a"), box("b")], item: {} });
  store.toggle("locked", "a");
  assert.equal(store.put(box("a", 9)), false);
  assert.equal(store.drop("a"), false);
  assert.equal(store.put(box("b", 9)), true);
  store.frozen.value = true;
  assert.equal(store.drop("b"), false);
  assert.equal(store.undo(), false);
  assert.equal(store.document.value.objects.length, 2);
});

test("objects of kinds that are not drawn here go through a session untouched", () => {
  const store = new DocumentStore();
  store.load({ objects: [polygon, box("a")], item: {} });
  store.put(box("a", 3));
  store.drop("a");
  store.undo();
  assert.equal(store.document.value.objects[0], polygon);
});

test("the desk is dirty from the first change until that document is saved", () => {
  const store = new DocumentStore();
  store.load({ objects: [], item: {} });
  assert.equal(store.dirty.value, false);
  store.put(box("a"));
  assert.equal(store.dirty.value, true);
  store.saved.value = store.document.value;
  assert.equal(store.dirty.value, false);
});

test("another document on the desk is never taken for a change, not even in between", () => {
  const store = new DocumentStore();
  const seen: boolean[] = [];
  store.dirty.subscribe((dirty) => void seen.push(dirty));
  store.load({ objects: [box("a")], item: {} });
  assert.deepEqual(new Set(seen), new Set([false]));
});

test("Tab goes round the objects that are shown", () => {
  const store = new DocumentStore();
  store.load({ objects: [box("a"), box("b"), box("c")], item: {} });
  store.toggle("hidden", "b");
  const seen = [1, 1, 1, -1].map((by) => (store.step(by as 1 | -1), store.selected.value));
  assert.deepEqual(seen, ["a", "c", "a", "c"]);
});
