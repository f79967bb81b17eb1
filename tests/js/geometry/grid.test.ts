import assert from "node:assert/strict";
import { test } from "node:test";
import { meets } from "../../../static/src/workbench/geometry/plane.ts";
import "../../../static/src/workbench/shapes/box.ts";
import { Grid } from "../../../static/src/workbench/geometry/grid.ts";
import type { BoxObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Picker } from "../../../static/src/workbench/tools/pick.ts";
import { Chance } from "../chance.ts";

const boxes = (chance: Chance, count: number): BoxObject[] =>
  Array.from({ length: count }, (_, i) => ({ id: `b${i}`, kind: "box", label: "car", box: [chance.between(0, 900), chance.between(0, 500), chance.between(1, 100), chance.between(1, 100)] }));

test("the grid never misses what meets a rectangle, also after moves and removals", () => {
  const chance = new Chance(5);
  const grid = new Grid({ w: 1000, h: 600 });
  const places = new Map<string, { x: number; y: number; w: number; h: number }>();
  for (let i = 0; i < 800; i++) {
    const id = `o${chance.whole(80)}`;
    if (chance.next() < 0.2) {
      grid.delete(id);
      places.delete(id);
      continue;
    }
    const rect = { x: chance.between(-50, 1000), y: chance.between(-50, 600), w: chance.between(0, 300), h: chance.between(0, 300) };
    grid.set(id, rect);
    places.set(id, rect);
    const asked = { x: chance.between(0, 1000), y: chance.between(0, 600), w: 20, h: 20 };
    const found = grid.near(asked);
    for (const [other, place] of places) if (meets(asked, place)) assert.ok(found.has(other));
    for (const other of found) assert.ok(places.has(other));
  }
});

test("a press finds the smallest first, lets locked ones through, and follows the document", () => {
  const picker = new Picker();
  picker.resize({ w: 1000, h: 600 });
  const large: BoxObject = { id: "large", kind: "box", label: "car", box: [0, 0, 500, 500] };
  const small: BoxObject = { id: "small", kind: "box", label: "car", box: [100, 100, 50, 50] };
  const at = { x: 120, y: 120 };
  const ids = (objects: BoxObject[], blind = (_: string) => false) => picker.under(objects, at, 2, blind).map(({ id }) => id);
  assert.deepEqual(ids([small, large]), ["small", "large"]);
  assert.deepEqual(ids([small, large], (id) => id === "small"), ["large"]);
  assert.deepEqual(ids([{ ...small, box: [700, 100, 50, 50] }, large]), ["large"]);
  assert.deepEqual(ids([large]), ["large"]);
  assert.deepEqual(ids([]), []);
});

test("a press among 5,000 objects is found well within a frame", () => {
  const chance = new Chance(9);
  const picker = new Picker();
  picker.resize({ w: 1000, h: 600 });
  const objects = boxes(chance, 5000);
  picker.under(objects, { x: 1, y: 1 }, 2, () => false);
  const began = performance.now();
  for (let i = 0; i < 100; i++) picker.under(objects, { x: chance.between(0, 1000), y: chance.between(0, 600) }, 2, () => false);
  assert.ok((performance.now() - began) / 100 < 8);
});
