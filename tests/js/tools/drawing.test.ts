import assert from "node:assert/strict";
import { test } from "node:test";
import type { OtherObject } from "../../../static/src/workbench/sync/bundle.ts";
import { rotatedFrom } from "../../../static/src/workbench/tools/rotated.ts";
import { boxAt, Hand } from "./hand.ts";

const points = (hand: Hand, at = 0): unknown => (hand.objects[at] as OtherObject).points;

test("a label puts the tool of its kind in the hand, and keeps the one there when it fits", () => {
  const hand = new Hand();
  assert.equal(hand.bench.ui.tool.value, "box");
  for (const [label, tool] of [["road", "polygon"], ["lane", "polyline"], ["nose", "point"], ["person", "keypoints"], ["crate", "box"]] as const) {
    hand.bench.takeLabel(label);
    assert.equal(hand.bench.ui.tool.value, tool, label);
  }
  hand.take("extreme");
  hand.bench.takeLabel("road");
  hand.bench.takeLabel("crate");
  assert.equal(hand.bench.ui.tool.value, "extreme", "the way of drawing boxes that was used last comes back");
  hand.bench.takeLabel("road");
  hand.bench.takeLabel("car");
  assert.equal(hand.bench.ui.tool.value, "polygon");
});

test("four clicks on the extremes make the box between them, in any order, kept in the picture", () => {
  const hand = new Hand().take("extreme");
  hand.click(30, 10).click(60, 40).click(20, 35).click(45, 80);
  assert.deepEqual((hand.objects[0] as { box: number[] }).box, [20, 10, 40, 70]);
  hand.click(190, 50).click(260, 60).click(195, -20).click(192, 70);
  assert.deepEqual((hand.objects[1] as { box: number[] }).box, [190, 0, 10, 70]);
});

test("a click of the four is taken back, and Escape lets all go", () => {
  const hand = new Hand().take("extreme");
  hand.click(30, 10).click(180, 90);
  assert.equal(hand.bench.ui.sketched.value, 2);
  assert.equal(hand.tool.back!(), true);
  hand.click(60, 40).click(20, 35).click(45, 80);
  assert.deepEqual((hand.objects[0] as { box: number[] }).box, [20, 10, 40, 70]);
  hand.click(100, 50);
  assert.equal(hand.tool.cancel(), true);
  assert.equal(hand.tool.cancel(), false);
});

test("a turned box is drawn by a side and a reach; degrees are clockwise as seen", () => {
  const level = rotatedFrom({ x: 20, y: 20 }, { x: 60, y: 20 }, { x: 40, y: 50 }, { w: 200, h: 100 })!;
  assert.deepEqual(level, { box: [20, 20, 40, 30] });
  const down = rotatedFrom({ x: 100, y: 20 }, { x: 120, y: 40 }, { x: 100, y: 40 }, { w: 200, h: 100 })!;
  assert.equal(down.rotation, 45);
  assert.deepEqual(down.box.map(Math.round), [91, 28, 28, 14]);
  const below = rotatedFrom({ x: 20, y: 50 }, { x: 60, y: 50 }, { x: 40, y: 20 }, { w: 200, h: 100 })!;
  assert.deepEqual(below, { box: [20, 20, 40, 30], rotation: 180 });
  assert.equal(rotatedFrom({ x: 20, y: 50 }, { x: 20, y: 50 }, { x: 40, y: 20 }, { w: 200, h: 100 }), null);
});

test("the side of a turned box is two clicks or one drag", () => {
  for (const side of [(hand: Hand) => hand.click(40, 20).click(80, 60), (hand: Hand) => hand.drag([40, 20], [80, 60])]) {
    const hand = new Hand().take("rotated");
    side(hand).click(50, 70);
    const { rotation, box } = hand.objects[0] as { rotation: number; box: number[] };
    assert.equal(rotation, 45);
    assert.deepEqual(box.slice(2).map(Math.round), [57, 28]);
  }
});

test("a polygon ends by Enter, by a double click, or on its first point", () => {
  for (const end of [
    (hand: Hand) => hand.tool.finish!(),
    (hand: Hand) => hand.click(30, 60),
    (hand: Hand) => hand.click(12, 11),
  ]) {
    const hand = new Hand([], "road").click(10, 10).click(60, 10).click(30, 60);
    end(hand);
    assert.deepEqual(points(hand), [[10, 10], [60, 10], [30, 60]]);
    assert.equal(hand.bench.ui.sketched.value, 0);
  }
});

test("a polygon begins inside another, and takes no fewer than three points that span an area", () => {
  const hand = new Hand([], "road");
  hand.click(10, 10).click(90, 10).click(50, 90).tool.finish!();
  hand.click(40, 30).click(60, 30);
  hand.tool.finish!();
  assert.equal(hand.objects.length, 1);
  hand.click(80, 30, { alt: true }).tool.finish!();
  assert.equal(hand.objects.length, 1, "three points in a row are no area");
  hand.click(50, 45).tool.finish!();
  assert.equal(hand.objects.length, 2);
});

test("points stick to a neighbour's corner, then to its edge, and to nothing with Alt", () => {
  const hand = new Hand([{ id: "n", kind: "polygon", label: "road", points: [[100, 20], [150, 20], [150, 80]] }], "road");
  hand.click(98, 23).click(120, 17).click(60, 60, { alt: true }).tool.finish!();
  assert.deepEqual(points(hand, 1), [[100, 20], [120, 20], [60, 60]]);
  const free = new Hand([{ id: "n", kind: "polygon", label: "road", points: [[100, 20], [150, 20], [150, 80]] }], "road");
  free.click(98, 23, { alt: true }).click(120, 17, { alt: true }).click(60, 60).tool.finish!();
  assert.deepEqual(points(free, 1), [[98, 23], [120, 17], [60, 60]]);
});

test("a line is drawn freely while the button is held", () => {
  const hand = new Hand([], "lane");
  const { tool } = hand;
  tool.down(hand.press(10, 10));
  for (let x = 11; x <= 60; x++) tool.move(hand.press(x, 10));
  tool.up(hand.press(60, 10));
  tool.finish!();
  assert.deepEqual(points(hand), [[10, 10], [20, 10], [30, 10], [40, 10], [50, 10], [60, 10]]);
});

test("the last point of an unfinished drawing is taken back before anything stored is undone", async () => {
  const { deleteChosen, undo } = await import("../../../static/src/workbench/actions/choosing.ts");
  const hand = new Hand([boxAt("a", 0, 0, 10, 10)], "lane");
  hand.bench.choose("a");
  hand.click(10, 50).click(20, 50).click(30, 90);
  deleteChosen(hand.bench);
  undo(hand.bench);
  assert.equal(hand.bench.ui.sketched.value, 1);
  hand.click(60, 60).tool.finish!();
  assert.deepEqual(points(hand, 1), [[10, 50], [60, 60]]);
  assert.equal(hand.objects.length, 2);
});

test("a hole is cut into the chosen polygon, and nowhere else", () => {
  const hand = new Hand([{ id: "p", kind: "polygon", label: "road", points: [[0, 0], [100, 0], [100, 100], [0, 100]] }]);
  hand.bench.choose("p");
  hand.take("hole").click(120, 20).click(180, 20).click(150, 80).tool.finish!();
  assert.equal((hand.objects[0] as OtherObject).holes, undefined);
  hand.click(20, 20, { alt: true }).click(70, 20, { alt: true }).click(40, 70, { alt: true }).tool.finish!();
  assert.deepEqual((hand.objects[0] as OtherObject).holes, [[[20, 20], [70, 20], [40, 70]]]);
  assert.equal(hand.bench.under({ x: 40, y: 40 }).length, 0, "a press in the hole goes through");
});

test("a click sets a point", () => {
  const hand = new Hand([], "nose").click(33.333, 44.4);
  assert.deepEqual(points(hand), [[33.33, 44.4]]);
});

test("keypoints are placed in the skeleton's order, covered with Shift or by the toggle, and left out", () => {
  const hand = new Hand([], "person");
  hand.click(50, 10);
  assert.deepEqual(hand.bench.ui.hint.value, { name: "hand", at: 2, of: 3, covered: false });
  hand.click(70, 40, { shift: true }).click(50, 90);
  assert.deepEqual(points(hand), [[50, 10, 2], [70, 40, 1], [50, 90, 2]]);
  hand.click(150, 10).tool.skip!();
  hand.tool.toggle!();
  hand.click(150, 90);
  assert.deepEqual(points(hand, 1), [[150, 10, 2], [0, 0, 0], [150, 90, 1]]);
  hand.bench.choose(null);
  hand.click(100, 10);
  hand.tool.finish!();
  assert.deepEqual(points(hand, 2), [[100, 10, 2], [0, 0, 0], [0, 0, 0]]);
  hand.tool.skip!();
  hand.tool.back!();
  hand.tool.skip!();
  assert.equal(hand.tool.finish!(), true);
  assert.equal(hand.objects.length, 3, "without any place there is no object");
});

test("every vector kind can be put in the middle of the view without the mouse", async () => {
  const { addInTheMiddle } = await import("../../../static/src/workbench/actions/middle.ts");
  const hand = new Hand();
  for (const label of ["crate", "road", "lane", "nose", "person"]) {
    hand.bench.takeLabel(label);
    addInTheMiddle(hand.bench);
  }
  assert.deepEqual(hand.objects.map(({ kind }) => kind), ["box", "polygon", "polyline", "point", "keypoints"]);
  assert.deepEqual(points(hand, 3), [[100, 50]]);
  assert.deepEqual((points(hand, 4) as number[][]).map((row) => row[2]), [2, 2, 2]);
});

test("Shift+click places a keypoint as the opposite of what the toggle says", () => {
  const hand = new Hand([], "person");
  hand.click(50, 10);
  hand.tool.toggle!();
  hand.click(60, 20, { shift: true }).click(70, 30);
  assert.deepEqual(points(hand), [[50, 10, 2], [60, 20, 2], [70, 30, 1]]);
});
