import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answered, Feedback } from "../../../static/src/workbench/sync/phase.ts";
import { Told } from "../../../static/src/workbench/sync/told.ts";

function row(item: number, feedback: Feedback | null): Answered {
  return { task: item, state: "answered", item, key: `${item}.jpg`, annotation_id: item, revision: 1, answered_at: "2026-01-01T00:00:00Z", reopen: !feedback, shut: feedback ? "told" : "", thumb: "", feedback };
}

/** A clock that runs what was put off when told to, and what was said. */
function bench(answers: () => Promise<Answered[]>): { told: Told; turn: () => Promise<void>; said: Feedback[] } {
  const later: (() => void)[] = [];
  const said: Feedback[] = [];
  const told = new Told(answers, (feedback) => said.push(feedback), { now: () => 0, later: (run) => (later.push(run), () => undefined) });
  const turn = async (): Promise<void> => {
    later.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { told, turn, said };
}

test("what is measured a moment later is said once", async () => {
  let rows = [row(7, null)];
  const { told, turn, said } = bench(() => Promise.resolve(rows));
  told.after(7);
  await turn();
  assert.deepEqual(said, []);
  rows = [row(8, { score: 1, errors: [] }), row(7, { score: 0.5, errors: ["missing"] })];
  await turn();
  told.after(7);
  await turn();
  await turn();
  assert.deepEqual(said, [{ score: 0.5, errors: ["missing"] }]);
});

test("nothing is said of work, nor while the server is out of reach", async () => {
  const { told, turn, said } = bench(() => Promise.reject(new Error("offline")));
  told.after(7);
  await turn();
  await turn();
  assert.deepEqual(said, []);
});
