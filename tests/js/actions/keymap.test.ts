import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { pressed } from "../../../static/src/workbench/actions/keyboard.ts";
import { actionNamed } from "../../../static/src/workbench/actions/table.ts";
import { FIXED, keepKeys, keysOf, mappable, ownerOf, ownKeys, remapped, taken } from "../../../static/src/workbench/actions/keymap.ts";

afterEach(() => (ownKeys.value = {}));

test("one's own key takes the place of the table's, and no label may have it", () => {
  ownKeys.value = { fit: ["g"] };
  assert.deepEqual(keysOf(actionNamed("fit")), ["g"]);
  assert.ok(taken.value.has("g"));
});

test("a key that another action has is named, and taken from it when given over", () => {
  const fit = actionNamed("fit");
  assert.equal(ownerOf("t", fit)?.name, "names");
  assert.deepEqual(remapped({}, fit, ["t"]), { fit: ["t"], names: [] });
  assert.deepEqual(remapped({ fit: ["t"], names: [] }, fit, null), { names: [] });
});

test("the way to send, to let go and to help cannot be lost", () => {
  ownKeys.value = { submit: [], help: [] };
  assert.deepEqual(keysOf(actionNamed("submit")), ["ctrl+enter"]);
  assert.deepEqual(keysOf(actionNamed("help")), ["f1"]);
  assert.ok(!mappable(actionNamed("let_go")));
  assert.ok(FIXED.has("escape"));
});

test("a key pressed while a word is being composed is none of ours", () => {
  const bench = new Proxy({}, { get: () => assert.fail("asked the bench") }) as never;
  const event = (over: object) => ({ key: "n", target: null, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, defaultPrevented: false, ...over }) as unknown as KeyboardEvent;
  assert.equal(pressed(bench, event({ isComposing: true }), null), false);
  assert.equal(pressed(bench, event({ keyCode: 229 }), null), false);
});

test("keys that the server refuses stay as they were, and why is said", async () => {
  ownKeys.value = { fit: ["g"] };
  const bench = { client: { call: () => Promise.reject(Object.assign(new Error("no"), { detail: "m is given to skip already" })) } } as never;
  assert.equal(await keepKeys(bench, { fit: ["m"] }), "m is given to skip already");
  assert.deepEqual(ownKeys.value, { fit: ["g"] });
});
