import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, type Cut } from "../../../static/src/workbench/assist/cut.ts";
import { corrected, type Mark } from "../../../static/src/workbench/assist/refine.ts";
import { count, covers, type Raster } from "../../../static/src/workbench/geometry/raster.ts";
import { Chance } from "../chance.ts";
import { Hand } from "../tools/hand.ts";

const SIDE = 60;
/** A dark disc in the middle with a paler lobe to its right, and another dark disc near its left. */
function patch(chance = new Chance(5)): { w: number; h: number; data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let y = 0, i = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, i++) {
      const [disc, lobe, spot] = [Math.hypot(x - 28, y - 30) < 10, Math.hypot(x - 38, y - 30) < 7, Math.hypot(x - 28, y - 30) < 3];
      const value = (spot ? 190 : disc ? 60 : lobe ? 150 : 205) + chance.between(-8, 8);
      for (let c = 0; c < 3; c++) data[i * 4 + c] = value;
    }
  }
  return { w: SIDE, h: SIDE, data };
}
const BOX = { x: 17, y: 19, w: 23, h: 22 };
function after(...marks: Mark[]): Cut {
  return marks.reduce((cut, _, i) => corrected(cut, marks.slice(0, i + 1)), begun(patch(), BOX)!);
}
const has = ({ found }: Cut, x: number, y: number): boolean => covers(found, x, y);
/** How many parts hang together. */
function parts(raster: Raster): number {
  const data = raster.data.slice();
  let many = 0;
  for (let from = 0; from < data.length; from++) {
    if (!data[from]) continue;
    many++;
    const stack = [from];
    data[from] = 0;
    while (stack.length) {
      const at = stack.pop()!;
      for (const next of [at - 1, at + 1, at - raster.w, at + raster.w]) if (data[next]) (data[next] = 0), stack.push(next);
    }
  }
  return many;
}

test("what a click says belongs is in, with what looks like it around, and in one piece", () => {
  const before = after();
  assert.equal(has(before, 43, 30), false);
  const added = after({ x: 42.5, y: 30.5, belongs: true });
  assert.ok(has(added, 42, 30) && has(added, 39, 27) && has(added, 39, 33));
  assert.equal(parts(added.found), 1);
  assert.ok(count(added.found) > count(before.found));
  assert.equal(has(added, 50, 30), false);
});

test("what a click says does not belong is out; in the middle it is a hole, which other clicks leave open", () => {
  const spot = after({ x: 28.5, y: 30.5, belongs: false });
  assert.ok(!has(spot, 28, 30) && has(spot, 22, 30) && has(spot, 34, 30));
  const both = after({ x: 28.5, y: 30.5, belongs: false }, { x: 42.5, y: 30.5, belongs: true });
  assert.ok(!has(both, 28, 30) && has(both, 42, 30));
});

test("the newest click counts, and any places can be clicked", () => {
  const place = { x: 42.5, y: 30.5 };
  assert.equal(has(after({ ...place, belongs: true }, { ...place, belongs: false }), 42, 30), false);
  const chance = new Chance(9);
  for (let run = 0; run < 20; run++) {
    const marks = Array.from({ length: 4 }, () => ({ x: chance.between(0, SIDE - 0.01), y: chance.between(0, SIDE - 0.01), belongs: chance.whole(2) > 0 }));
    const cut = after(...marks);
    const last = marks.at(-1)!;
    assert.ok(count(cut.found) > 0);
    if (last.belongs) assert.ok(has(cut, Math.floor(last.x), Math.floor(last.y)), String(run));
  }
});

/** A bench whose picture has the disc; outlined by a drag. */
function outlined(): Hand {
  const hand = new Hand([], "car").take("outline");
  const seen = patch();
  Object.assign(hand.bench.stage!, {
    sample: ({ x: left, y: top }: { x: number; y: number }, { w, h }: { w: number; h: number }) => {
      const data = new Uint8ClampedArray(w * h * 4).fill(205);
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) if (left + x < SIDE && top + y < SIDE) data.set(seen.data.subarray(((top + y) * SIDE + left + x) * 4).subarray(0, 4), (y * w + x) * 4);
      return { w, h, data };
    },
    paintRect() {},
  });
  return hand.drag([BOX.x, BOX.y], [BOX.x + BOX.w, BOX.y + BOX.h]);
}
const shape = (hand: Hand): string => JSON.stringify(hand.objects);

test("clicks correct the outline just made, each is one step back, Enter keeps it and clicks choose again", () => {
  const hand = outlined();
  const first = shape(hand);
  assert.equal(hand.objects.length, 1);
  hand.click(42, 30);
  const second = shape(hand);
  hand.click(28, 30, { alt: true });
  assert.notEqual(second, first);
  assert.equal((JSON.parse(shape(hand))[0].holes as unknown[]).length, 1);
  hand.bench.store.undo();
  assert.equal(shape(hand), second);
  hand.bench.store.undo();
  assert.equal(shape(hand), first);
  hand.bench.store.redo();
  assert.equal(shape(hand), second);
  assert.equal(hand.tool.finish!(), true);
  hand.click(45, 16);
  assert.deepEqual([shape(hand), hand.bench.store.selected.peek()], [second, null]);
});

test("Escape drops the outline and undo brings it back; a click elsewhere keeps it", () => {
  const hand = outlined();
  const first = shape(hand);
  hand.click(150, 80); // outside of what was looked at
  assert.deepEqual([shape(hand), hand.bench.store.selected.peek()], [first, null]);
  const again = outlined();
  again.bench.letGo();
  assert.deepEqual(again.objects, []);
  again.bench.store.undo();
  assert.equal(again.objects.length, 1);
});
