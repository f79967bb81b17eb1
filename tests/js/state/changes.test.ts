import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { boxOverlap, changes } from "../../../static/src/workbench/state/changes.ts";

const cases = JSON.parse(readFileSync(new URL("../../labels/changes.json", import.meta.url), "utf8"));

for (const { name, before, after, changes: wanted } of cases) {
  test(`golden case: ${name}`, () => assert.deepEqual(changes(before, after), wanted));
}

test("overlap of boxes is their common part of all that they cover", () => {
  assert.equal(boxOverlap([0, 0, 10, 10], [0, 0, 10, 20]), 0.5);
  assert.equal(boxOverlap([0, 0, 1, 1], [1, 0, 1, 1]), 0);
});
