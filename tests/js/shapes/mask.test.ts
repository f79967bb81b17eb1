import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, count, covers, iou, type Raster } from "../../../static/src/workbench/geometry/raster.ts";
import "../../../static/src/workbench/shapes/mask.ts";
import { detach, encoded, pixelsOfMask } from "../../../static/src/workbench/shapes/pixels.ts";
import { areaOf, boundsOf, pixelsFrom, runs, runsOf, textOf } from "../../../static/src/workbench/shapes/rle.ts";
import { shapeOf } from "../../../static/src/workbench/shapes/shape.ts";
import type { MaskObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";

function noise(chance: Chance, w: number, h: number, share: number): Raster {
  const raster = blank({ x: 0, y: 0, w, h });
  for (let i = 0; i < raster.data.length; i++) raster.data[i] = chance.next() < share ? 1 : 0;
  return raster;
}

/** COCO's rule by the letter, pixel by pixel. */
function plainRuns(raster: Raster, w: number, h: number): number[] {
  const found = [0];
  let value = false;
  for (let x = 0; x < w; x++) {
    for (let y = 0; y < h; y++) {
      if (covers(raster, x, y) !== value) {
        value = !value;
        found.push(0);
      }
      found[found.length - 1]!++;
    }
  }
  return found;
}

const maskOf = (raster: Raster, w: number, h: number): MaskObject => ({ id: "a", kind: "mask", label: "cell", rle: encoded(raster, { w, h })!.rle });

test("run lengths are read and written as COCO does", () => {
  for (const [text, lengths] of [["231", [2, 3, 1]], ["2320", [2, 3, 2, 3]]] as const) {
    assert.deepEqual(runs(text), lengths);
    assert.equal(textOf(lengths), text);
  }
});

test("the text is the one that COCO's own library writes", () => {
  const inside = (w: number, h: number, is: (x: number, y: number) => boolean): Raster => {
    const raster = blank({ x: 0, y: 0, w, h });
    for (let i = 0; i < w * h; i++) raster.data[i] = is(i % w, Math.floor(i / w)) ? 1 : 0;
    return raster;
  };
  const signs = "##..####.##.#...#..##.##..#.#.##..#";
  const written: [Raster, string][] = [
    [inside(7, 5, (x, y) => signs[y * 7 + x] === "#"), "02200O03OM1122MM0000"],
    [inside(1, 1, () => true), "01"],
    [inside(4, 3, () => false), "<"],
    [inside(48, 64, (x, y) => (x - 20) ** 2 / 200 + (y - 30) ** 2 / 500 < 1), "k<7d1:H6J6L2M4M2N2N2O0O2O0O2O00000001N101N101N2N2N3L3N4J6J8FZi0"],
  ];
  for (const [raster, text] of written) {
    const lengths = runsOf(raster, raster);
    assert.equal(textOf(lengths), text);
    const back = pixelsFrom(runs(text), raster.h, boundsOf(runs(text), raster.h));
    assert.equal(iou(back, raster), 1);
  }
});

test("any pixels anywhere become the runs of the plain rule and come back", () => {
  const chance = new Chance(7);
  for (let i = 0; i < 400; i++) {
    const [w, h] = [1 + chance.whole(90), 1 + chance.whole(90)];
    const part = noise(chance, 1 + chance.whole(w), 1 + chance.whole(h), chance.pick([0, 0.02, 0.5, 0.98, 1]));
    const raster = { ...part, x: chance.whole(w - part.w + 1), y: chance.whole(h - part.h + 1) };
    const lengths = runsOf(raster, { w, h });
    assert.deepEqual(lengths, plainRuns(raster, w, h));
    assert.deepEqual(runs(textOf(lengths)), lengths);
    assert.equal(areaOf(lengths), count(raster));
    const bounds = boundsOf(lengths, h);
    const back = pixelsFrom(lengths, h, bounds);
    assert.equal(count(back), count(raster));
    assert.equal(iou(back, raster), 1);
    if (count(back)) assert.ok(back.w <= raster.w && back.h <= raster.h);
  }
});

test("a mask moves by whole pixels and never leaves the picture", () => {
  const chance = new Chance(3);
  const size = { w: 40, h: 30 };
  const shape = shapeOf({ kind: "mask" } as MaskObject)!;
  for (let i = 0; i < 200; i++) {
    const raster = { ...noise(chance, 8, 9, 0.6), x: chance.whole(32), y: chance.whole(21) };
    const object = maskOf(raster, size.w, size.h);
    const [dx, dy] = [chance.between(-50, 50), chance.between(-50, 50)];
    const moved = shape.moved(object, dx, dy, size) as MaskObject;
    const [before, after] = [shape.bounds(object), shape.bounds(moved)];
    assert.deepEqual([after.w, after.h], [before.w, before.h]);
    assert.ok(after.x >= 0 && after.y >= 0 && after.x + after.w <= size.w && after.y + after.h <= size.h);
    const fresh = { ...moved }; // decoded from its text alone
    assert.equal(iou(pixelsOfMask(fresh).raster, pixelsOfMask(moved).raster), 1);
    assert.equal(count(pixelsOfMask(fresh).raster), count(raster));
  }
});

test("pixels taken for painting change neither the object nor what it was moved from", () => {
  const object = maskOf({ ...blank({ x: 2, y: 2, w: 3, h: 3 }), data: new Uint8Array(9).fill(1) }, 20, 20);
  const moved = shapeOf(object)!.moved(object, 5, 5, { w: 20, h: 20 }) as MaskObject;
  detach(moved).data.fill(0);
  assert.equal(count(pixelsOfMask(object).raster), 9);
  assert.equal(count(pixelsOfMask(moved).raster), 9);
  detach(object).data.fill(0);
  assert.equal(count(pixelsOfMask(object).raster), 9);
});

test("a press means a mask by its pixels, not by its bounds", () => {
  const ring = blank({ x: 5, y: 5, w: 10, h: 10 });
  for (let i = 0; i < 100; i++) if (i % 10 === 0 || i % 10 === 9 || i < 10 || i >= 90) ring.data[i] = 1;
  const object = maskOf(ring, 30, 30);
  const shape = shapeOf(object)!;
  assert.ok(shape.hit(object, { x: 5.5, y: 9 }, 7));
  assert.ok(!shape.hit(object, { x: 10, y: 10 }, 7));
});

test("a mask of 4,000 × 4,000 is written and read in a fraction of a second", () => {
  const side = 4000;
  const raster = blank({ x: 0, y: 0, w: side, h: side });
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) if ((x - 2000) ** 2 + (y - 2000) ** 2 < 1900 ** 2) raster.data[y * side + x] = 1;
  }
  const began = performance.now();
  const made = encoded(raster, { w: side, h: side })!;
  const wrote = performance.now();
  const back = pixelsOfMask({ id: "a", kind: "mask", label: "cell", rle: made.rle });
  const read = performance.now();
  assert.equal(back.area, count(raster));
  assert.ok(wrote - began < 700 && read - wrote < 700, `${wrote - began} ms, ${read - wrote} ms`);
});
