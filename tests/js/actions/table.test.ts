import assert from "node:assert/strict";
import { test } from "node:test";
import { chord, shown, spoken, typing } from "../../../static/src/workbench/actions/keys.ts";
import { ACTIONS } from "../../../static/src/workbench/actions/table.ts";
import { CATALOGUES, ENGLISH } from "../../../static/src/workbench/words.ts";

/** Actions of one key must never be possible together; these pairs belong to different stages of work. */
const APART = [["submit", "submit_fix", "decide"], ["finish", "text_mark", "text_question_done"], ["return", "text_relation"], ["visibility", "text_question"], ["next_vertex", "text_grain"],
  // in a group of frames, which comes first in the table
  ["submit", "frame_next"], ["previous", "frame_before"],
  // pictures and texts
  ["nudge", "text_caret"], ["nudge_far", "text_extend"], ["size", "text_end"], ["size_far", "text_start"], ["fit", "text_caret"]];

test("no two actions share a key", () => {
  const owners = new Map<string, string>();
  for (const { name, keys } of ACTIONS) {
    for (const key of keys) {
      const before = owners.get(key);
      const apart = before && APART.some((pair) => pair.includes(before) && pair.includes(name));
      assert.ok(!before || apart, `${key}: ${before} and ${name}`);
      owners.set(key, name);
    }
  }
});

test("every action has words, and every language has the same words with the same places", () => {
  for (const { name, group } of ACTIONS) {
    assert.ok(`do.${name}` in ENGLISH, name);
    assert.ok(`group.${group}` in ENGLISH, group);
  }
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const catalogue of Object.values(CATALOGUES)) {
    assert.deepEqual(Object.keys(catalogue).sort(), Object.keys(ENGLISH).sort());
    for (const [key, text] of Object.entries(catalogue)) assert.deepEqual(places(text), places(ENGLISH[key as keyof typeof ENGLISH]), key);
  }
});

test("digits are left to the labels", () => {
  assert.deepEqual(ACTIONS.flatMap(({ keys }) => keys).filter((key) => /^\d$/.test(key)), []);
});

test("a press is read the same on every keyboard", () => {
  const press = (key: string, held: object = {}) => chord({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
  assert.equal(press("Z", { ctrlKey: true, shiftKey: true }), "ctrl+shift+z");
  assert.equal(press("s", { metaKey: true }), "ctrl+s");
  assert.equal(press("?", { shiftKey: true }), "?");
  assert.equal(press("+", { shiftKey: true }), "+");
  assert.equal(press("Tab", { shiftKey: true }), "shift+tab");
  assert.equal(press("ArrowLeft", { ctrlKey: true }), "ctrl+arrowleft");
  assert.equal(press("&", { code: "Digit1" }), "1"); // French
  assert.equal(press("1", { code: "Digit1", shiftKey: true }), "1");
  assert.equal(press("!", { code: "Digit1", shiftKey: true }), "!");
  assert.equal(press("я", { code: "KeyZ", ctrlKey: true }), "ctrl+z"); // Russian
  assert.equal(press("y", { code: "KeyZ" }), "y"); // German: what is printed on it
  assert.deepEqual(shown("ctrl+shift+z"), ["Ctrl", "Shift", "Z"]);
  assert.deepEqual(shown("+"), ["+"]);
});

test("keys are told to a screen reader by their standard names", () => {
  assert.deepEqual(["ctrl+shift+z", "arrowleft", "ctrl+enter", "+", "f6"].map(spoken), ["Control+Shift+Z", "ArrowLeft", "Control+Enter", "+", "F6"]);
});

test("letters typed into a field are not commands", () => {
  const at = (tagName: string, type = "") => typing({ tagName, type } as unknown as EventTarget);
  assert.deepEqual([at("INPUT", "text"), at("INPUT", "number"), at("TEXTAREA"), at("SELECT"), at("INPUT", "checkbox"), at("BUTTON")], [true, true, true, true, false, false]);
});
