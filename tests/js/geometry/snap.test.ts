import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, inside, union, type Area } from "../../../static/src/workbench/geometry/areas.ts";
import type { Point } from "../../../static/src/workbench/geometry/plane.ts";
import { snapped } from "../../../static/src/workbench/geometry/snap.ts";
import { Chance } from "../chance.ts";

const ring = (...pairs: [number, number][]): Point[] => pairs.map(([x, y]) => ({ x, y }));
const square: Area = { outer: ring([10, 10], [50, 10], [50, 50], [10, 50]), holes: [ring([20, 20], [40, 20], [40, 40], [20, 40])] };

function size({ outer, holes }: Area): number {
  const twice = (points: Point[]): number => Math.abs(points.reduce((sum, { x, y }, i) => sum + x * points[(i + 1) % points.length]!.y - points[(i + 1) % points.length]!.x * y, 0));
  return (twice(outer) - holes.reduce((sum, hole) => sum + twice(hole), 0)) / 2;
}

test("a place sticks to a corner before an edge, to the nearest of them, and to nothing out of reach", () => {
  const lines = [{ points: ring([0, 0], [100, 0], [100, 100]), closed: false }];
  assert.deepEqual(snapped({ x: 3, y: 4 }, lines, 6), { x: 0, y: 0 });
  assert.deepEqual(snapped({ x: 40, y: 5 }, lines, 6), { x: 40, y: 0 });
  assert.deepEqual(snapped({ x: 96, y: 1 }, lines, 6), { x: 100, y: 0 });
  assert.deepEqual(snapped({ x: 40, y: 7 }, lines, 6), { x: 40, y: 7 });
  assert.deepEqual(snapped({ x: 48, y: 50 }, lines, 6), { x: 48, y: 50 }, "an open line has no closing edge");
  assert.deepEqual(snapped({ x: 48, y: 50 }, [{ ...lines[0]!, closed: true }], 6), { x: 49, y: 49 });
});

test("cutting keeps all of the area, holes and all, wherever the line runs", () => {
  const chance = new Chance(3);
  for (let round = 0; round < 200; round++) {
    const [a, b] = [{ x: chance.between(0, 60), y: chance.between(0, 60) }, { x: chance.between(0, 60), y: chance.between(0, 60) }];
    const pieces = cut(square, a, b);
    assert.ok(Math.abs(pieces.reduce((sum, piece) => sum + size(piece), 0) - 1200) < 1e-6, JSON.stringify([a, b]));
  }
  assert.equal(cut(square, { x: 30, y: 0 }, { x: 30, y: 1 }).length, 2);
  assert.deepEqual(cut(square, { x: 5, y: 5 }, { x: 5, y: 5 }), [square]);
});

test("pieces put together again are the area that was cut", () => {
  const joined = union(cut(square, { x: 30, y: 0 }, { x: 30, y: 60 }));
  assert.equal(joined.length, 1);
  assert.equal(size(joined[0]!), 1200);
  assert.equal(joined[0]!.holes.length, 1);
});

test("what sticks out of the picture is cut off", () => {
  assert.equal(inside(square, { w: 60, h: 60 })[0], square);
  assert.deepEqual(inside(square, { w: 15, h: 60 }).map(size), [200]);
  assert.deepEqual(inside(square, { w: 5, h: 5 }), []);
});
