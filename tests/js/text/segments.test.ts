import assert from "node:assert/strict";
import { test } from "node:test";
import { TextIndex } from "../../../static/src/workbench/text/offsets.ts";
import { Segments, type Grain } from "../../../static/src/workbench/text/segments.ts";
import { Chance } from "../chance.ts";
import { anyText } from "./texts.ts";

function snap(text: string, from: number, to: number, grain: Grain = "word"): string | null {
  const found = new Segments(new TextIndex(text)).snapped(from, to, grain);
  return found && text.slice(found.start, found.end);
}

test("half words become whole ones, blanks around them are left out", () => {
  const text = "Anna doesn't work at  ACME Corp.";
  assert.equal(snap(text, 2, 3), "Anna");
  assert.equal(snap(text, 7, 15), "doesn't work");
  assert.equal(snap(text, 20, 24), "ACME");
  assert.equal(snap(text, 31, 24), "ACME Corp");
  assert.equal(snap(text, 20, 22), null);
});

test("Chinese snaps to its words", () => {
  const text = "台湾由游戏橘子运营。";
  assert.equal(snap(text, 1, 2), "台湾");
  assert.equal(snap(text, 3, 4), "游戏");
  assert.equal(snap(text, 3, 4, "character"), "游");
});

test("character mode keeps blanks and never cuts a grapheme", () => {
  const text = "a e\u0301 👩‍👩‍👧 🇨🇳";
  assert.equal(snap(text, 0, 2, "character"), "a ");
  assert.equal(snap(text, 2, 3, "character"), "e\u0301");
  assert.equal(snap(text, 6, 7, "character"), "👩‍👩‍👧");
  assert.equal(snap(text, text.length - 3, text.length - 2, "character"), "🇨🇳");
});

test("whatever is selected, a snapped stretch holds it but for blanks, cuts no grapheme, and snaps to itself", () => {
  const chance = new Chance(21);
  for (let round = 0; round < 400; round++) {
    const text = anyText(chance, 40);
    const segments = new Segments(new TextIndex(text));
    for (const grain of ["word", "character"] as const) {
      const found = segments.snapped(chance.whole(text.length + 1), chance.whole(text.length + 1), grain);
      if (!found) continue;
      assert.deepEqual(segments.snapped(found.start, found.end, grain), found);
      const edges = new Set([...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ index }) => index)).add(text.length);
      assert.ok(edges.has(found.start) && edges.has(found.end), JSON.stringify([text, found, grain]));
    }
  }
});

test("steps go from word to word over lines, and stop at the text's edges", () => {
  const segments = new Segments(new TextIndex("One two\n\n三四"));
  assert.equal(segments.step(0, 1, "start", "word"), 4);
  assert.equal(segments.step(0, 1, "end", "word"), 3);
  assert.equal(segments.step(4, 1, "start", "word"), 9);
  assert.equal(segments.step(9, -1, "start", "word"), 4);
  assert.equal(segments.step(0, -1, "start", "word"), null);
  assert.equal(segments.step(11, 1, "end", "word"), null);
});

test("a long line costs no more than a moment", () => {
  const text = "some words without end ".repeat(4500);
  const segments = new Segments(new TextIndex(text));
  const start = performance.now();
  assert.deepEqual(segments.snapped(60_001, 60_002, "word"), { start: 60_000 - 60_000 % 23 + [0, 5, 11, 19].findLast((at) => at <= 60_001 % 23)!, end: 60_000 - 60_000 % 23 + [4, 10, 18, 22].find((at) => at >= 60_002 % 23)! });
  assert.ok(performance.now() - start < 400, `${performance.now() - start} ms`);
});
