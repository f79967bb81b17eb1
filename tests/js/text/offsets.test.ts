import assert from "node:assert/strict";
import { test } from "node:test";
import { TextIndex } from "../../../static/src/workbench/text/offsets.ts";
import { Chance } from "../chance.ts";
import { anyText } from "./texts.ts";

test("code points and UTF-16 units lead back to each other at every place", () => {
  const chance = new Chance(3);
  for (let round = 0; round < 60; round++) {
    const text = anyText(chance, chance.whole(1500));
    const index = new TextIndex(text);
    const points = [...text];
    let unit = 0;
    for (let point = 0; point <= points.length; point++) {
      assert.equal(index.toUnit(point), unit);
      assert.equal(index.toPoint(unit), point);
      unit += points[point]?.length ?? 0;
    }
  }
});

test("a quote is what Python would cut out at the same offsets", () => {
  const chance = new Chance(5);
  for (let round = 0; round < 300; round++) {
    const text = anyText(chance, 200);
    const points = [...text];
    const start = chance.whole(points.length);
    const end = start + chance.whole(points.length - start);
    assert.equal(new TextIndex(text).quote(start, end), points.slice(start, end).join(""));
  }
});

test("a place in a paragraph leads back to its unit, and paragraphs with their breaks are the whole text", () => {
  const chance = new Chance(9);
  for (let round = 0; round < 100; round++) {
    const text = anyText(chance, 120);
    const index = new TextIndex(text);
    assert.equal(index.paragraphs.map(({ start, next }) => text.slice(start, next)).join(""), text);
    for (let unit = 0; unit <= text.length; unit++) {
      const { start, end, next } = index.paragraphs[index.paragraphAt(unit)]!;
      assert.ok(unit >= start && (unit < next || next === text.length));
      assert.equal(index.fromPlace(index.toPlace(unit)), Math.min(unit, end));
    }
  }
});

test("Windows, old Mac and Unix line ends each end one paragraph", () => {
  const { paragraphs } = new TextIndex("a\r\nb\rc\n\nd");
  assert.deepEqual(paragraphs.map(({ start, end }) => [start, end]), [[0, 1], [3, 4], [5, 6], [7, 7], [8, 9]]);
});
