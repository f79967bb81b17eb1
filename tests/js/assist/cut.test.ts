import assert from "node:assert/strict";
import { test } from "node:test";
import type { Patch } from "../../../static/src/workbench/assist/colours.ts";
import { cutOut } from "../../../static/src/workbench/assist/cut.ts";
import { Flow } from "../../../static/src/workbench/assist/flow.ts";
import { fitted, framed, outlineIn, sizeFor } from "../../../static/src/workbench/assist/outline.ts";
import { rectOf } from "../../../static/src/workbench/geometry/plane.ts";
import { blank, iou, rasterOf, tight, type Raster } from "../../../static/src/workbench/geometry/raster.ts";
import { Chance } from "../chance.ts";

test("the cut of any small grid is the cheapest of all", () => {
  const chance = new Chance(2);
  const [w, h] = [4, 3];
  for (let run = 0; run < 150; run++) {
    const flow = new Flow(w, h);
    const cell = (i: number): number => (Math.floor(i / w) + 1) * flow.width + (i % w) + 1;
    const ends = Array.from({ length: w * h }, () => chance.whole(13) - 6);
    const pairs: [number, number, number][] = [];
    for (let i = 0; i < w * h; i++) {
      flow.ends[cell(i)] = ends[i]!;
      flow.ways.slice(4).forEach((way, k) => {
        const j = Array.from({ length: w * h }, (_, n) => n).find((n) => cell(n) === cell(i) + way);
        if (j === undefined) return;
        const dear = chance.whole(5);
        flow.links[cell(i) * 8 + k + 4] = dear;
        flow.links[cell(j) * 8 + 3 - k] = dear;
        pairs.push([i, j, dear]);
      });
    }
    const cost = (inside: (i: number) => boolean): number =>
      ends.reduce((sum, end, i) => sum + (inside(i) ? Math.max(-end, 0) : Math.max(end, 0)), 0) +
      pairs.reduce((sum, [i, j, dear]) => sum + (inside(i) !== inside(j) ? dear : 0), 0);
    let least = Infinity;
    for (let bits = 0; bits < 1 << (w * h); bits++) least = Math.min(least, cost((i) => ((bits >> i) & 1) === 1));
    flow.run();
    assert.equal(cost((i) => flow.inside(cell(i))), least);
  }
});

/** A blob with a wavy rim on a ground, both with grain. */
function scene(chance: Chance, size: number): { patch: Patch; truth: Raster } {
  const data = new Uint8ClampedArray(size * size * 4);
  const all = blank({ x: 0, y: 0, w: size, h: size });
  const [cx, cy, radius, waves] = [size / 2 + chance.between(-3, 3), size / 2, size / 4, 2 + chance.whole(4)];
  const [ink, ground] = [[150, 60, 130], [215, 190, 205]].map((one) => one.map((value) => value + chance.between(-15, 15))) as [number[], number[]];
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      const angle = Math.atan2(y - cy, x - cx);
      const inside = Math.hypot(x - cx, y - cy) < radius * (1 + 0.18 * Math.sin(angle * waves));
      all.data[i] = inside ? 1 : 0;
      for (let c = 0; c < 3; c++) data[i * 4 + c] = (inside ? ink : ground)[c]! + chance.between(-18, 18);
    }
  }
  return { patch: { w: size, h: size, data }, truth: all };
}

test("what stands out in a box is found, though the box is loose or too tight", () => {
  const chance = new Chance(8);
  for (let run = 0; run < 20; run++) {
    const { patch, truth } = scene(chance, 64);
    const around = tight(truth)!;
    const off = (): number => chance.between(-2, 2);
    const [x, y] = [around.x + off(), around.y + off()];
    const box = { x, y, w: around.x + around.w + off() - x, h: around.y + around.h + off() - y };
    const found = cutOut(patch, box)!;
    assert.ok(iou(found, truth) > 0.93, `${run}: ${iou(found, truth)}`);
  }
});

test("the outline lies in picture space, whatever the size that is looked at", () => {
  const { patch, truth } = scene(new Chance(3), 400);
  const picture = { w: patch.w, h: patch.h };
  const box = tight(truth)!;
  const frame = framed(box, picture);
  const seen = fitted(patch, frame);
  assert.deepEqual({ w: seen.w, h: seen.h }, sizeFor(frame));
  assert.ok(seen.w < frame.w);
  const found = outlineIn(seen, frame, box, 1)!;
  const back = rasterOf([found.ring, ...found.holes], rectOf(found.ring), picture)!;
  assert.ok(iou(back, truth) > 0.95, String(iou(back, truth)));
});

test("an even picture gives something in the box or nothing, and never fails", () => {
  for (const side of [1, 2, 5, 30]) {
    const patch = { w: side, h: side, data: new Uint8ClampedArray(side * side * 4).fill(90) };
    const found = cutOut(patch, { x: 0, y: 0, w: side, h: side });
    if (found) assert.ok(tight(found)!.w <= side);
  }
});
