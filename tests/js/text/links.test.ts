import assert from "node:assert/strict";
import { test } from "node:test";
import { curve } from "../../../static/src/workbench/text/arcs.ts";
import { allowed } from "../../../static/src/workbench/text/links.ts";
import { answerable, current } from "../../../static/src/workbench/text/questions.ts";
import { DocumentStore } from "../../../static/src/workbench/state/document.ts";
import type { AnyObject, Attribute, SchemaDocument } from "../../../static/src/workbench/sync/bundle.ts";

const schema: SchemaDocument = {
  labels: [],
  relations: [{ name: "works_for", from: ["person"], to: ["company"] }, { name: "near", from: [], to: ["place"] }, { name: "any" }],
};
const names = (from: string, to: string | null): string[] => allowed(schema, from, to).map(({ name }) => name);

test("a relation is allowed by its ends; an end without labels takes all", () => {
  assert.deepEqual(names("person", "company"), ["works_for", "any"]);
  assert.deepEqual(names("company", "person"), ["any"]);
  assert.deepEqual(names("company", "place"), ["near", "any"]);
  assert.deepEqual(names("person", null), ["works_for", "near", "any"]);
});

test("a span that goes takes its relations along, and both come back in one step", () => {
  const span = (id: string): AnyObject => ({ id, kind: "span", label: "person", start: 0, end: 1 });
  const objects: AnyObject[] = [span("a"), { id: "r", kind: "relation", label: "any", from: "a", to: "b" }, span("b"), { id: "s", kind: "relation", label: "any", from: "b", to: "c" }, span("c")];
  const store = new DocumentStore(() => 0);
  store.load({ objects, item: {} });
  store.drop("a");
  assert.deepEqual(store.document.value.objects.map(({ id }) => id), ["b", "s", "c"]);
  store.undo();
  assert.deepEqual(store.document.value.objects, objects);
});

test("digits answer the first open question, one turned to, else the last", () => {
  const item: Attribute[] = [{ name: "a", type: "choice", options: ["x"] }, { name: "t", type: "text" }, { name: "b", type: "bool" }, { name: "c", type: "choice", options: ["y"], when: { b: true } }];
  assert.deepEqual(answerable(item, {}).map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(answerable(item, { b: true }).map(({ name }) => name), ["a", "b", "c"]);
  assert.equal(current(answerable(item, { a: "x" }), { a: "x" }, null)?.name, "b");
  assert.equal(current(answerable(item, {}), {}, "b")?.name, "b");
  assert.equal(current(answerable(item, { a: "x", b: false }), { a: "x", b: false }, null)?.name, "b");
});

test("an arc rises over both its ends", () => {
  for (const to of [{ x: 200, y: 40 }, { x: 20, y: 40 }, { x: 90, y: 120 }]) assert.ok(curve({ x: 60, y: 40 }, to).top.y < Math.max(40, to.y));
  assert.ok(curve({ x: 60, y: 40 }, { x: 200, y: 40 }).top.y < 40);
});
