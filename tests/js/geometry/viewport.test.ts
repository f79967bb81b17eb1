import assert from "node:assert/strict";
import { test } from "node:test";
import { Viewport } from "../../../static/src/workbench/geometry/viewport.ts";
import { Chance } from "../chance.ts";

function near(a: number, b: number, slack = 1e-6): void {
  assert.ok(Math.abs(a - b) <= slack, `${a} is not ${b}`);
}

function laid(): Viewport {
  const viewport = new Viewport();
  viewport.resize({ w: 1000, h: 700 });
  viewport.show({ w: 4000, h: 2000 });
  return viewport;
}

test("picture to screen and back is the same point, wherever one has gone", () => {
  const chance = new Chance(3);
  const viewport = laid();
  for (let i = 0; i < 500; i++) {
    const screen = { x: chance.between(0, 1000), y: chance.between(0, 700) };
    if (chance.next() < 0.5) viewport.zoomBy(chance.between(0.5, 2), screen);
    else viewport.pan(chance.between(-200, 200), chance.between(-200, 200));
    const again = viewport.toScreen(viewport.toPicture(screen));
    near(again.x, screen.x);
    near(again.y, screen.y);
  }
});

test("zooming leaves what is under the pointer where it is", () => {
  const viewport = laid();
  const at = { x: 480, y: 340 };
  const before = viewport.toPicture(at);
  viewport.zoomBy(3, at);
  near(viewport.toPicture(at).x, before.x);
  near(viewport.toPicture(at).y, before.y);
});

test("a fitted picture is fitted again when the stage changes; a moved one keeps its middle", () => {
  const viewport = laid();
  viewport.resize({ w: 500, h: 700 });
  near(viewport.scale, (500 - 48) / 4000);
  viewport.zoomTo(1);
  const middle = viewport.toPicture({ x: 250, y: 350 });
  viewport.resize({ w: 800, h: 700 });
  near(viewport.toPicture({ x: 400, y: 350 }).x, middle.x);
});

test("nobody loses the picture: part of it always stays on the stage", () => {
  const viewport = laid();
  viewport.pan(-99_999, 99_999);
  const { visible, picture } = viewport;
  assert.ok(visible.x < picture.w && visible.y + visible.h > 0);
});
