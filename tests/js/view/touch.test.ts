import assert from "node:assert/strict";
import { test } from "node:test";
import { Viewport } from "../../../static/src/workbench/geometry/viewport.ts";
import { filterOf, isPlain, PLAIN, stepped } from "../../../static/src/workbench/state/view.ts";
import { Fingers } from "../../../static/src/workbench/view/touch.ts";

function fingers(): { viewport: Viewport; hand: Fingers; begun: () => number } {
  const viewport = new Viewport();
  viewport.resize({ w: 400, h: 400 });
  viewport.show({ w: 352, h: 352 });
  let count = 0;
  return { viewport, hand: new Fingers(viewport, () => count++), begun: () => count };
}

test("one finger is the tool's; the second lets go of what it began", () => {
  const { hand, begun } = fingers();
  assert.equal(hand.press(1, { x: 100, y: 100 }), false);
  assert.equal(hand.move(1, { x: 110, y: 100 }), false);
  assert.equal(hand.press(2, { x: 200, y: 100 }), true);
  assert.equal(begun(), 1);
});

test("two fingers keep hold of the places of the picture under them", () => {
  const { viewport, hand } = fingers();
  hand.press(1, { x: 100, y: 200 });
  hand.press(2, { x: 200, y: 200 });
  const [a, b] = [viewport.toPicture({ x: 100, y: 200 }), viewport.toPicture({ x: 200, y: 200 })];
  hand.move(1, { x: 80, y: 220 });
  hand.move(2, { x: 280, y: 220 });
  const [left, right] = [viewport.toScreen(a), viewport.toScreen(b)];
  for (const [found, wanted] of [[left.x, 80], [left.y, 220], [right.x, 280], [right.y, 220]] as const) assert.ok(Math.abs(found - wanted) < 6, `${found} ${wanted}`);
  assert.ok(Math.abs(viewport.scale - 2) < 0.05);
});

test("the finger that stays after the other was lifted draws nothing; the next touch does again", () => {
  const { hand } = fingers();
  hand.press(1, { x: 100, y: 200 });
  hand.press(2, { x: 200, y: 200 });
  assert.equal(hand.lift(2), true);
  assert.equal(hand.move(1, { x: 150, y: 200 }), true);
  assert.equal(hand.lift(1), true);
  assert.equal(hand.press(3, { x: 100, y: 100 }), false);
  assert.equal(hand.lift(3), false);
});

test("a step brighter and a step darker give the picture as it was; steps end", () => {
  assert.equal(filterOf(PLAIN), "none");
  const brighter = stepped(PLAIN, "brightness", 1);
  assert.equal(filterOf({ ...brighter, invert: true }), "brightness(1.15) contrast(1) invert(1)");
  assert.ok(isPlain(stepped(brighter, "brightness", -1)));
  let view = PLAIN;
  for (let i = 0; i < 40; i++) view = stepped(view, "contrast", 1);
  assert.equal(view.contrast, 4);
  assert.ok(stepped(view, "contrast", -1).contrast < 4);
});
