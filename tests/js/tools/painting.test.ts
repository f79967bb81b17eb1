/** Masks in the hand: strokes, fills and conversions in any order lead back to the start, and pixels are what the text says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { undo } from "../../../static/src/workbench/actions/choosing.ts";
import { duplicateObjects } from "../../../static/src/workbench/actions/copying.ts";
import { convert, fillHoles } from "../../../static/src/workbench/actions/masks.ts";
import { nudge } from "../../../static/src/workbench/actions/moving.ts";
import { drawAgain } from "../../../static/src/workbench/actions/painting.ts";
import { count, covers, iou } from "../../../static/src/workbench/geometry/raster.ts";
import { isMask, pixelsOfMask } from "../../../static/src/workbench/shapes/pixels.ts";
import { runs } from "../../../static/src/workbench/shapes/rle.ts";
import { shapeOf } from "../../../static/src/workbench/shapes/shape.ts";
import type { AnyObject, Bundle, MaskObject } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";
import { Hand } from "./hand.ts";

const [W, H] = [200, 100];
const LABELS = [{ name: "cell", kinds: ["mask", "polygon"] }, { name: "dirt", kinds: ["mask"] }];

function painter(objects: AnyObject[] = []): Hand {
  const hand = new Hand(objects);
  const { bench } = hand;
  bench.desk.bundle.value = { ...bench.desk.bundle.peek()!, schema: { labels: LABELS, id: 1, number: 1 } } as unknown as Bundle;
  bench.takeLabel("cell");
  bench.take("brush");
  return hand;
}

function masks(hand: Hand): MaskObject[] {
  return hand.objects.filter(isMask);
}

/** What the server checks, and that the pixels at hand are those of the text. */
function sound(object: AnyObject): void {
  if (!isMask(object)) return;
  const lengths = runs(object.rle.counts);
  assert.deepEqual(object.rle.size, [H, W]);
  assert.equal(lengths.reduce((sum, one) => sum + one, 0), W * H);
  const fresh = pixelsOfMask({ ...object });
  const known = pixelsOfMask(object);
  assert.ok(fresh.area > 0);
  assert.equal(known.area, fresh.area);
  assert.deepEqual(known.bounds, fresh.bounds);
  assert.deepEqual(shapeOf(object)!.bounds(object), fresh.bounds);
  assert.equal(iou(known.raster, fresh.raster), 1);
}

test("any strokes, fills and conversions leave sound masks, and undoing all leads back to the start", () => {
  const chance = new Chance(12);
  for (let run = 0; run < 40; run++) {
    const hand = painter();
    const { bench } = hand;
    const place = (): [number, number] => [chance.between(-10, W + 10), chance.between(-10, H + 10)];
    const held = () => ({ shift: chance.next() < 0.2, alt: chance.next() < 0.2 });
    const doing: (() => unknown)[] = [
      () => bench.take(chance.pick(["brush", "brush", "eraser", "fill", "select"])),
      () => hand.drag(place(), place(), held()),
      () => hand.drag(place(), place(), held()),
      () => hand.drag(place(), place(), held()),
      () => hand.click(...place(), held()),
      () => bench.takeLabel(chance.pick(LABELS).name),
      () => (bench.ui.painting.size.value = chance.pick([1, 5, 20, 60])),
      () => (bench.ui.painting.apart.value = chance.next() < 0.5),
      () => drawAgain(bench),
      () => convert(bench),
      () => fillHoles(bench),
      () => nudge(bench, chance.between(-30, 30), chance.between(-30, 30)),
      () => hand.objects.length < 12 && duplicateObjects(bench),
      () => bench.choose(chance.pick(hand.objects)?.id ?? null),
      () => bench.store.step(1),
      () => undo(bench),
      () => bench.store.redo(),
      () => {
        hand.tool.down(hand.press(...place()));
        hand.tool.move(hand.press(...place()));
        hand.tool.cancel();
      },
    ];
    for (let i = 0; i < 60; i++) {
      chance.pick(doing)();
      hand.objects.forEach(sound);
    }
    for (let i = 0; bench.store.depth.peek().undo && i < 500; i++) {
      undo(bench);
      hand.objects.forEach(sound);
    }
    assert.deepEqual(hand.objects, []);
  }
});

test("a stroke that is let go of changes nothing", () => {
  const hand = painter().drag([20, 50], [60, 50]);
  const before = hand.objects;
  hand.tool.down(hand.press(100, 50));
  hand.tool.move(hand.press(150, 50));
  assert.ok(hand.tool.cancel());
  assert.equal(hand.objects, before);
  assert.ok(!covers(pixelsOfMask(masks(hand)[0]!).raster, 120, 50));
});

test("strokes go on with the mask until another is begun or the label changes", () => {
  const hand = painter().drag([20, 20], [60, 20]).drag([20, 60], [60, 60]);
  assert.equal(masks(hand).length, 1);
  drawAgain(hand.bench);
  hand.drag([120, 20], [160, 20]);
  assert.equal(masks(hand).length, 2);
  hand.bench.takeLabel("dirt");
  hand.drag([120, 60], [160, 60]);
  assert.deepEqual(masks(hand).map(({ label }) => label), ["cell", "cell", "dirt"]);
});

test("a mask that is wiped out is gone, and comes back whole", () => {
  const hand = painter().drag([50, 50], [60, 50]);
  const [mask] = masks(hand);
  hand.bench.ui.painting.size.value = 60;
  hand.take("eraser").drag([45, 50], [65, 50]);
  assert.deepEqual(hand.objects, []);
  undo(hand.bench);
  assert.equal(masks(hand)[0], mask);
  assert.equal(count(pixelsOfMask(mask!).raster), pixelsOfMask({ ...mask! }).area);
});

test("a mask of two parts becomes two polygons of its label, and one step back joins them", () => {
  const hand = painter().drag([20, 20], [60, 20]).drag([20, 80], [60, 80]);
  const [mask] = masks(hand);
  convert(hand.bench);
  assert.deepEqual(hand.objects.map(({ kind, label }) => [kind, label]), [["polygon", "cell"], ["polygon", "cell"]]);
  assert.equal(hand.objects[0]!.id, mask!.id);
  undo(hand.bench);
  assert.deepEqual(hand.objects, [mask]);
});

test("a label that is no polygon keeps its masks", () => {
  const hand = painter();
  hand.bench.takeLabel("dirt");
  hand.drag([20, 20], [60, 20]);
  convert(hand.bench);
  assert.equal(hand.objects[0]!.kind, "mask");
});
