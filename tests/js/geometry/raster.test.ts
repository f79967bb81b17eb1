import assert from "node:assert/strict";
import { test } from "node:test";
import { reach, roomy, stamp } from "../../../static/src/workbench/geometry/brush.ts";
import { outlines, rings, simplified, turn } from "../../../static/src/workbench/geometry/contour.ts";
import { filledAt, largest, withoutHoles } from "../../../static/src/workbench/geometry/flood.ts";
import { fromSegment, rectOf, type Point } from "../../../static/src/workbench/geometry/plane.ts";
import { blank, count, covers, fillRings, iou, rasterOf, tight, type Raster } from "../../../static/src/workbench/geometry/raster.ts";
import { Painting } from "../../../static/src/workbench/state/painting.ts";
import { Chance } from "../chance.ts";

const PICTURE = { w: 200, h: 150 };

/** A mask as a hand paints it: some strokes, some of them wiping. */
function painted(chance: Chance): Raster {
  let raster = blank({ x: 0, y: 0, w: 0, h: 0 });
  let at = { x: chance.between(40, 160), y: chance.between(40, 110) };
  for (let i = 0; i < 12; i++) {
    const to = { x: at.x + chance.between(-30, 30), y: at.y + chance.between(-30, 30) };
    const radius = chance.between(6, 18);
    const value = i > 2 && chance.next() < 0.25 ? 0 : 1;
    if (value) raster = roomy(raster, reach(at, to, radius, PICTURE), PICTURE);
    stamp(raster, at, to, value ? radius : radius / 3, value);
    at = to;
  }
  return raster;
}

function drawnAs(raster: Raster): string[] {
  return Array.from({ length: raster.h }, (_, y) => [...raster.data.subarray(y * raster.w, (y + 1) * raster.w)].map((one) => " #"[one]).join(""));
}

function of(...lines: string[]): Raster {
  const raster = blank({ x: 3, y: 4, w: lines[0]!.length, h: lines.length });
  lines.forEach((line, y) => [...line].forEach((sign, x) => (raster.data[y * raster.w + x] = sign === "#" ? 1 : 0)));
  return raster;
}

test("a stroke covers the pixels within its radius, and none outside the picture", () => {
  const chance = new Chance(11);
  for (let i = 0; i < 60; i++) {
    const [a, b] = [0, 1].map(() => ({ x: chance.between(-20, 220), y: chance.between(-20, 170) })) as [Point, Point];
    const radius = chance.between(0.5, 25);
    const raster = roomy(blank({ x: 0, y: 0, w: 0, h: 0 }), reach(a, b, radius, PICTURE), PICTURE);
    stamp(raster, a, b, radius, 1);
    for (let y = 0; y < PICTURE.h; y++) {
      for (let x = 0; x < PICTURE.w; x++) {
        const far = fromSegment({ x: x + 0.5, y: y + 0.5 }, a, b);
        if (Math.abs(far - radius) > 1e-6 && far * far > 0.5) assert.equal(covers(raster, x, y), far < radius, `${x},${y}`);
      }
    }
    const around = tight(raster);
    if (around) assert.ok(around.x >= 0 && around.y >= 0 && around.x + around.w <= PICTURE.w && around.y + around.h <= PICTURE.h);
  }
});

test("a stroke kept apart leaves the others' pixels alone", () => {
  const other = { ...blank({ x: 10, y: 0, w: 5, h: 20 }), data: new Uint8Array(100).fill(1) };
  const raster = blank({ x: 0, y: 0, w: 30, h: 20 });
  stamp(raster, { x: 2, y: 10 }, { x: 28, y: 10 }, 4, 1, [other]);
  assert.ok(covers(raster, 9, 10) && covers(raster, 15, 10));
  for (let x = 10; x < 15; x++) assert.ok(!covers(raster, x, 10));
});

test("the exact outline gives exactly the pixels back", () => {
  const chance = new Chance(5);
  for (let i = 0; i < 60; i++) {
    const raster = painted(chance);
    if (i % 2) for (let j = 0; j < 300; j++) raster.data[chance.whole(raster.data.length)] = chance.whole(2);
    const back = blank(raster);
    fillRings(back, rings(raster));
    assert.deepEqual(back.data, raster.data);
    assert.equal(rings(raster).reduce((sum, ring) => sum + turn(ring) / 2, 0), count(raster));
  }
});

test("a mask made a polygon and back keeps 98 % at the usual tolerance, holes and parts included", () => {
  const chance = new Chance(9);
  for (let i = 0; i < 60; i++) {
    const raster = painted(chance);
    const parts = outlines(raster, new Painting().tolerance.value, 4);
    const back = blank(raster);
    for (const { ring, holes } of parts) {
      const part = rasterOf([ring, ...holes], rectOf(ring), PICTURE);
      part?.data.forEach((value, at) => {
        const [x, y] = [at % part.w + part.x - back.x, Math.floor(at / part.w) + part.y - back.y];
        if (value && x >= 0 && x < back.w && y >= 0 && y < back.h) back.data[y * back.w + x] = 1;
      });
    }
    assert.ok(iou(back, raster) > 0.98, `${i}: ${iou(back, raster)}`);
    assert.ok(parts[0]!.ring.length < rings(raster).reduce((most, ring) => Math.max(most, ring.length), 0));
  }
});

test("what a simpler ring drops was within the tolerance of it", () => {
  const chance = new Chance(21);
  for (let i = 0; i < 30; i++) {
    const ring = rings(painted(chance))[0]!;
    const tolerance = chance.pick([0.5, 1, 2, 5]);
    const made = simplified(ring, tolerance);
    assert.ok(made.length >= 3 && made.length <= ring.length);
    for (const point of ring) {
      const off = Math.min(...made.map((a, at) => fromSegment(point, a, made[(at + 1) % made.length]!)));
      assert.ok(off <= tolerance + 1e-9);
    }
  }
});

test("holes belong to the part that they are in, and islands in holes are parts", () => {
  const raster = of(
    "##########  ",
    "#        # #",
    "# ###### #  ",
    "# #    # #  ",
    "# ###### #  ",
    "#        #  ",
    "##########  ",
  );
  const parts = outlines(raster, 0);
  assert.deepEqual(parts.map(({ holes }) => holes.length), [1, 1, 0]);
  assert.equal(rectOf(parts[1]!.holes[0]!).w, 4);
});

test("parts that touch at a corner only are apart", () => {
  assert.equal(outlines(of("# ", " #"), 0).length, 2);
});

test("filling closes the region that was pressed, and all holes when asked", () => {
  const raster = of(
    "#######",
    "#  #  #",
    "#  #  #",
    "#######",
  );
  assert.deepEqual(drawnAs(filledAt(raster, 4.5, 5.5)!), ["#######", "####  #", "####  #", "#######"]);
  assert.deepEqual(drawnAs(withoutHoles(raster)), ["#######", "#######", "#######", "#######"]);
  assert.equal(filledAt(of("#######", "#      ", "#######"), 5.5, 5.5), null, "an open region is not filled");
  assert.equal(filledAt(raster, 3.5, 4.5), null, "what is covered is not filled");
  const whole = of("##", "##");
  assert.equal(withoutHoles(whole), whole);
});

test("neighbours close a region together when they are walls, and stay uncovered", () => {
  const left = of("####", "#   ", "#   ", "####");
  const right = { ...of("#", "#", "#", "#"), x: 7 };
  const filled = filledAt(left, 5.5, 5.5, [right])!;
  assert.equal(count(filled), 16);
  assert.ok(!covers(filled, 7, 5));
  assert.equal(filledAt(left, 5.5, 5.5), null);
});

test("of several parts the largest is taken", () => {
  assert.deepEqual(drawnAs(largest(of("# ##", "  ##", "##  "))!), ["  ##", "  ##", "    "]);
});
