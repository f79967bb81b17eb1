import assert from "node:assert/strict";
import { test } from "node:test";
import { joined, sortFaults, standing } from "../../../static/src/workbench/state/faults.ts";
import { applies, choiceKeys, colourOf, inkOn, labelKeys, missing, pressedOption, relabelled } from "../../../static/src/workbench/state/schema.ts";
import type { SchemaDocument } from "../../../static/src/workbench/sync/bundle.ts";

const schema: SchemaDocument = {
  labels: [
    { name: "car", kinds: ["box"], color: "#de5308", hotkey: "2", attributes: [
      { name: "occluded", type: "bool", required: true },
      { name: "by", type: "choice", options: ["tree", "car"], required: true, when: { occluded: true } },
    ] },
    { name: "person", kinds: ["box"], hotkey: "n", attributes: [{ name: "occluded", type: "bool", default: false }] },
    { name: "sign", kinds: ["box"], hotkey: "A" },
    { name: "road", kinds: ["polygon"] },
  ],
  item: [{ name: "weather", type: "choice", options: ["rain"], required: true }],
};

test("a label has its own key unless an action has it, else a free digit", () => {
  const keys = labelKeys(schema, new Set(["n", "a"]));
  assert.deepEqual([...keys], [["car", "2"], ["person", "1"], ["sign", "shift+a"], ["road", "3"]]);
});

test("a required attribute is missed only while its condition holds", () => {
  const document = (attributes: Record<string, boolean>) => ({ objects: [{ id: "x", kind: "box" as const, label: "car", box: [0, 0, 1, 1] as [number, number, number, number], attributes }], item: { weather: "rain" } });
  assert.deepEqual(missing(schema, document({ occluded: false })), []);
  assert.deepEqual(missing(schema, document({ occluded: true })), ["objects.x.attributes.by"]);
  assert.deepEqual(missing(schema, { objects: [], item: {} }), ["item.weather"]);
});

test("a condition may name one value or several", () => {
  const attribute = { name: "a", type: "bool" as const, when: { weather: ["rain", "fog"], usable: true } };
  assert.equal(applies(attribute, { weather: "fog", usable: true }), true);
  assert.equal(applies(attribute, { weather: "clear", usable: true }), false);
  assert.equal(applies(attribute, {}), false);
});

test("a new label keeps the values that it knows and brings its own defaults", () => {
  const car = { id: "x", kind: "box" as const, label: "car", box: [0, 0, 1, 1] as [number, number, number, number], attributes: { by: "tree" } };
  assert.deepEqual(relabelled(schema, car, "person").attributes, { occluded: false });
});

test("a label without a colour gets the server's for its place; ink on it can be read", () => {
  assert.equal(colourOf(schema, "person"), "#0080ff");
  assert.deepEqual(["#f8ff42", "#681bd9", "#794800"].map(inkOn), ["#000", "#fff", "#fff"]);
});

test("faults find their object by id or by place", () => {
  const document = { objects: [{ id: "u-1", kind: "box" as const, label: "car", box: [0, 0, 1, 1] as [number, number, number, number] }], item: {} };
  const faults = sortFaults({ "objects.u-9.box": "outside", "objects[0].label": "unknown", "item.weather": "is required", annotation: "no" }, document);
  assert.equal(faults.objects.get("u-9")!.get("box"), "outside");
  assert.equal(faults.objects.get("u-1")!.get("label"), "unknown");
  assert.equal(faults.item.get("weather"), "is required");
  assert.deepEqual(faults.other, ["annotation: no"]);
});

test("without a picture digits answer the first question of choice", () => {
  assert.deepEqual(choiceKeys(schema, {}), { name: "weather", keys: new Map([["rain", "1"]]), multiple: false });
  assert.equal(choiceKeys({ labels: [] }, {}), null);
});

test("a pressed option is set or taken back; of several, each by itself", () => {
  assert.equal(pressedOption(undefined, "rain", false), "rain");
  assert.equal(pressedOption("rain", "rain", false), undefined);
  assert.deepEqual(pressedOption(["a"], "b", true), ["a", "b"]);
  assert.deepEqual(pressedOption(["a", "b"], "a", true), ["b"]);
  assert.equal(pressedOption(["a"], "a", true), undefined);
});

test("a fault goes when its object or value is changed, and stays while it is not", () => {
  const one = (id: string) => ({ id, kind: "box" as const, label: "car", box: [0, 0, 1, 1] as [number, number, number, number] });
  const then = { objects: [one("a"), one("b")], item: { weather: "x", light: "y" } };
  const fields = { "objects.a.box": "outside", "objects[1]": "bad", "item.weather": "no", "item.light": "no" };
  const now = { objects: [{ ...then.objects[0]! }, then.objects[1]!], item: { weather: "rain", light: "y" } };
  const left = standing(fields, then, now);
  assert.deepEqual([[...left.objects.keys()], [...left.item.keys()]], [["b"], ["light"]]);
  assert.equal(joined(left, sortFaults({ "objects.b.label": "unknown" }, now)).objects.get("b")!.size, 2);
});
