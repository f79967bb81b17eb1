import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentStore } from "../../../static/src/workbench/state/document.ts";
import { Suggestions } from "../../../static/src/workbench/state/suggestions.ts";
import type { AnyObject, Bundle } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";

const box = (id: string, score?: number): AnyObject => ({ id, kind: "box", label: "car", box: [1, 2, 3, 4], ...(score === undefined ? {} : { score }) });

function made(objects: AnyObject[], more: Partial<Bundle> = {}, score: number | null = null): { store: DocumentStore; suggestions: Suggestions } {
  const store = new DocumentStore();
  store.load({ objects: [], item: {} });
  const suggestions = new Suggestions(store);
  suggestions.arrived({ prediction: { objects, item: { stain: "blue" }, model: "m1", score }, annotation: null, ...more } as Bundle);
  return { store, suggestions };
}

test("an accepted suggestion keeps its id and names its model and score", () => {
  const { store, suggestions } = made([box("a", 0.9), box("b")], {}, 0.3);
  suggestions.accept(suggestions.open.value);
  assert.deepEqual(store.document.value.objects, [
    { ...box("a"), source: "prediction", model: "m1", score: 0.9 },
    { ...box("b"), source: "prediction", model: "m1", score: 0.3 },
  ]);
});

test("what is open follows the document through any acceptance, rejection, undo and redo", () => {
  const chance = new Chance(4);
  for (let run = 0; run < 50; run++) {
    const { store, suggestions } = made(Array.from({ length: 8 }, (_, i) => box(String(i), i / 8)));
    let gone = 0;
    for (let i = 0; i < 30; i++) {
      const open = suggestions.open.value;
      const act = chance.whole(5);
      if (act === 0 && open.length) suggestions.accept([chance.pick(open)]);
      else if (act === 1 && open.length && gone < 3) gone++, suggestions.reject(chance.pick(open).id);
      else if (act === 2) store.undo();
      else if (act === 3) store.redo();
      else suggestions.step(1);
      const there = store.document.value.objects.length;
      const rejected = [...suggestions.rejected.value].filter((id) => !store.byId.value.has(id)).length;
      assert.equal(suggestions.open.value.length + there + rejected, 8);
    }
    while (store.undo());
    assert.deepEqual(store.document.value.objects, []);
  }
});

test("all above the score are one step back; without a score every one counts as likely", () => {
  const { store, suggestions } = made([box("a", 0.9), box("b", 0.4), box("c")]);
  suggestions.least.value = 0.5;
  assert.deepEqual(suggestions.likely.value.map(({ id }) => id), ["a", "c"]);
  suggestions.accept(suggestions.likely.value);
  store.undo();
  assert.equal(suggestions.open.value.length, 3);
});

test("a relation brings the spans that it joins", () => {
  const span = (id: string): AnyObject => ({ id, kind: "span", label: "PER", start: 0, end: 4 });
  const { store, suggestions } = made([span("a"), span("b"), { id: "r", kind: "relation", label: "knows", from: "a", to: "b" }]);
  suggestions.accept([suggestions.open.value[2]!]);
  assert.deepEqual(store.document.value.objects.map(({ id }) => id), ["a", "b", "r"]);
});

test("an answer that came back begins with itself, without suggestions; nor has a reviewer who only looks any", () => {
  assert.equal(made([box("a")], { annotation: { id: 1, revision: 1, objects: [], item: {} } }).suggestions.open.value.length, 0);
  const { store, suggestions } = made([box("a")]);
  store.frozen.value = true;
  assert.equal(suggestions.open.value.length + suggestions.values.value.length, 0);
});

test("a suggested value of the item is open until the item has it", () => {
  const { store, suggestions } = made([]);
  assert.deepEqual(suggestions.values.value, ["stain"]);
  suggestions.acceptValue("stain");
  assert.deepEqual(suggestions.values.value, []);
  store.undo();
  assert.deepEqual(suggestions.values.value, ["stain"]);
});
