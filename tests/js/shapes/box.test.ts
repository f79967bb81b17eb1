import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAST } from "../../../static/src/workbench/shapes/box.ts";
import { shapeOf } from "../../../static/src/workbench/shapes/shape.ts";
import type { BoxObject } from "../../../static/src/workbench/sync/bundle.ts";
import { drawn } from "../../../static/src/workbench/tools/box.ts";
import { Chance } from "../chance.ts";

const PICTURE = { w: 640, h: 480 };
const make = (x: number, y: number, w: number, h: number, rotation = 0): BoxObject => ({ id: "a", kind: "box", label: "car", box: [x, y, w, h], ...(rotation ? { rotation } : {}) });
const box = shapeOf(make(0, 0, 1, 1))!;

function inside(object: BoxObject): void {
  const [x, y, w, h] = object.box;
  assert.ok(x >= 0 && y >= 0 && x + w <= PICTURE.w + 1e-9 && y + h <= PICTURE.h + 1e-9, JSON.stringify(object.box));
  assert.ok(w >= LEAST - 1e-9 && h >= LEAST - 1e-9, JSON.stringify(object.box));
}

test("whatever handle goes wherever, the box stays inside and never turns inside out", () => {
  const chance = new Chance(1);
  for (let i = 0; i < 3000; i++) {
    const start = make(chance.between(0, 600), chance.between(0, 440), chance.between(1, 40), chance.between(1, 40));
    const handle = chance.pick(box.handles(start)).name;
    inside(box.dragged(start, handle, { x: chance.between(-900, 1500), y: chance.between(-900, 1500) }, PICTURE) as BoxObject);
    inside(box.sized(start, chance.between(-90, 90), chance.between(-90, 90), PICTURE) as BoxObject);
    inside(box.withNumber(start, chance.pick(["x", "y", "w", "h"]), chance.between(-900, 1500), PICTURE) as BoxObject);
  }
});

test("a box pushed at the rim keeps its size", () => {
  const moved = box.moved(make(600, 400, 30, 50), 500, 500, PICTURE) as BoxObject;
  assert.deepEqual(moved.box, [610, 430, 30, 50]);
});

test("an edge's handle moves its edge alone", () => {
  assert.deepEqual((box.dragged(make(10, 10, 100, 100), "e", { x: 150, y: 300 }, PICTURE) as BoxObject).box, [10, 10, 140, 100]);
});

test("pulling a turned box leaves the opposite corner where it is", () => {
  const start = make(200, 200, 100, 60, 30);
  const far = box.handles(start).find(({ name }) => name === "nw")!.at;
  const pulled = box.dragged(start, "se", { x: 330, y: 320 }, PICTURE);
  const again = box.handles(pulled).find(({ name }) => name === "nw")!.at;
  assert.ok(Math.hypot(far.x - again.x, far.y - again.y) < 0.05);
});

test("a drawn box is the rectangle of its two corners, cut to the picture", () => {
  const plain = { shift: false, alt: false };
  assert.deepEqual(drawn({ x: 50, y: 60 }, { x: 20, y: 10 }, plain, PICTURE), { x: 20, y: 10, w: 30, h: 50 });
  assert.deepEqual(drawn({ x: 600, y: 400 }, { x: 900, y: 900 }, plain, PICTURE), { x: 600, y: 400, w: 40, h: 80 });
  assert.deepEqual(drawn({ x: 50, y: 50 }, { x: 80, y: 60 }, { shift: true, alt: false }, PICTURE), { x: 50, y: 50, w: 30, h: 30 });
  assert.deepEqual(drawn({ x: 50, y: 50 }, { x: 60, y: 70 }, { shift: false, alt: true }, PICTURE), { x: 40, y: 30, w: 20, h: 40 });
});
