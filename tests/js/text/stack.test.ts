import assert from "node:assert/strict";
import { test } from "node:test";
import { stacked, type Run } from "../../../static/src/workbench/text/stack.ts";
import { Chance } from "../chance.ts";

const run = (left: number, right: number, line = 0): Run => ({ line, left, right });

test("marks apart share a level, the nested lies above what holds it", () => {
  assert.deepEqual(stacked([[run(0, 40)], [run(50, 90)]]), [0, 0]);
  assert.deepEqual(stacked([[run(0, 90)], [run(10, 30)]]), [1, 0]);
  assert.deepEqual(stacked([[run(0, 90)], [run(10, 30)], [run(20, 60)]]), [2, 0, 1]);
});

test("a mark over two lines is on one level of both", () => {
  assert.deepEqual(stacked([[run(50, 90, 0), run(0, 60, 1)], [run(0, 20, 1)]]), [1, 0]);
});

test("no two marks of one level ever meet, and no level is left empty below another", () => {
  const chance = new Chance(4);
  for (let round = 0; round < 200; round++) {
    const marks = Array.from({ length: 30 }, () => {
      const left = chance.whole(300);
      const first = run(left, left + 4 + chance.whole(120), chance.whole(3));
      return chance.next() < 0.2 ? [first, run(0, chance.whole(90) + 1, first.line + 1)] : [first];
    });
    const levels = stacked(marks);
    marks.forEach((a, i) => marks.forEach((b, j) => {
      if (i >= j || levels[i] !== levels[j]) return;
      assert.ok(a.every((p) => b.every((q) => p.line !== q.line || p.right <= q.left || q.right <= p.left)));
    }));
    assert.deepEqual([...new Set(levels)].sort((a, b) => a - b), Array.from({ length: Math.max(...levels) + 1 }, (_, n) => n));
  }
});
