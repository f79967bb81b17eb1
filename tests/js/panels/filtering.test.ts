import assert from "node:assert/strict";
import { test } from "node:test";
import { arranged } from "../../../static/src/workbench/panels/filtering.ts";
import "../../../static/src/workbench/shapes/box.ts";
import type { AnyObject } from "../../../static/src/workbench/sync/bundle.ts";

const row = (id: string, label: string, name: string, side: number, attributes = {}): { object: AnyObject; name: string } =>
  ({ object: { id, kind: "box", label, box: [0, 0, side, side], attributes }, name });
const rows = [row("a", "sign", "Schild 1", 5, { text: "STOP here" }), row("b", "car", "Auto", 50), row("c", "sign", "Schild 2", 20, { shape: ["round", "red"] })];
const ids = (filter: string, sort: "drawn" | "label" | "size" = "drawn"): string[] => arranged(rows, filter, sort).map(({ object }) => object.id);

test("the list is filtered by title, label, kind and the text of attributes; every word must be found", () => {
  assert.deepEqual(ids(""), ["a", "b", "c"]);
  assert.deepEqual(ids("schild"), ["a", "c"]);
  assert.deepEqual(ids("CAR"), ["b"]);
  assert.deepEqual(ids("sign stop"), ["a"]);
  assert.deepEqual(ids("round"), ["c"]);
  assert.deepEqual(ids("box"), ["a", "b", "c"]);
  assert.deepEqual(ids("sign car"), []);
});

test("the list is sorted as drawn, by label, or the largest first, and the rows that came in stay in order", () => {
  assert.deepEqual(ids("", "label"), ["b", "a", "c"]);
  assert.deepEqual(ids("", "size"), ["b", "c", "a"]);
  assert.deepEqual(rows.map(({ object }) => object.id), ["a", "b", "c"]);
});
