import assert from "node:assert/strict";
import { test } from "node:test";
import { Stopwatch } from "../../../static/src/workbench/sync/clock.ts";
import { Desk } from "../../../static/src/workbench/sync/desk.ts";
import { boxed, bundle, FakeClock, FakeServer, settled } from "./server.ts";

const NEXT = "POST /queues/1/next";
const AHEAD = "POST /queues/1/next?slot=1";

async function setUp(first: unknown = bundle(1)) {
  const [server, clock, news] = [new FakeServer(), new FakeClock(), [] as string[]];
  server.on(NEXT, first ? [200, first] : [204]).on(AHEAD, [200, bundle(2, { lease: { id: 2, slot: 1, expires_at: "2026-03-01T12:15:00Z" } })]);
  const desk = new Desk(server.client, 1, {
    arrived: ({ lease }) => news.push(`arrived ${lease.id}`),
    ahead: ({ lease }) => news.push(`ahead ${lease.id}`),
    saved: () => news.push("saved"),
    overtaken: () => news.push("overtaken"),
    unheld: () => news.push("unheld"),
    refused: (problem) => news.push(`refused ${problem.code} ${Object.keys(problem.fields)}`),
  }, clock);
  await desk.start();
  await settled();
  return { server, clock, news, desk };
}

test("a task is laid on the desk and the next is fetched ahead", async () => {
  const { news, desk } = await setUp();
  assert.deepEqual(news, ["arrived 1", "ahead 2"]);
  assert.equal(desk.phase.value.name, "working");
});

test("submit brings the next task in the same round trip, with the time spent and a key", async () => {
  const { server, clock, desk, news } = await setUp();
  server.on("POST /leases/1/submit?next=1", [201, { annotation_id: 9, revision: 1, next: bundle(2) }]);
  await clock.pass(10_000);
  await desk.submit(boxed("a"));
  const [call] = server.to("POST /leases/1/submit?next=1");
  assert.equal(call!.body.seconds, 10);
  assert.ok(call!.key);
  assert.equal(desk.bundle.value!.lease.id, 2);
  assert.ok(news.includes("arrived 2"));
});

test("an answer without a network is sent again under the same key until it arrives", async () => {
  const { server, clock, desk } = await setUp();
  server.on("POST /leases/1/submit?next=1", "offline", [503, {}], [201, { annotation_id: 9, revision: 1, next: null }]);
  void desk.submit(boxed("a"));
  await settled();
  assert.deepEqual(desk.phase.value, { name: "sending", waiting: true });
  await clock.pass(10_000);
  const calls = server.to("POST /leases/1/submit?next=1");
  assert.equal(calls.length, 3);
  assert.equal(new Set(calls.map(({ key, body }) => key + JSON.stringify(body))).size, 1);
  assert.equal(desk.phase.value.name, "empty");
});

test("a second press while an answer is under way sends nothing", async () => {
  const { server, desk } = await setUp();
  server.on("POST /leases/1/submit?next=1", [201, { next: null }]);
  await Promise.all([desk.submit(boxed("a")), desk.submit(boxed("a"))]);
  assert.equal(server.to("POST /leases/1/submit?next=1").length, 1);
});

test("an answer that the server refuses stays on the desk, and a mended one has another key", async () => {
  const { server, desk, news } = await setUp();
  server.on("POST /leases/1/submit?next=1", [400, { code: "annotation", fields: { "objects.a.box": "outside" } }]);
  await desk.submit(boxed("a"));
  assert.equal(desk.phase.value.name, "working");
  assert.ok(news.includes("refused annotation objects.a.box"));
  await desk.submit(boxed("b"));
  const [first, second] = server.to("POST /leases/1/submit?next=1");
  assert.notEqual(first!.key, second!.key);
});

test("no draft is saved while or after the answer goes", async () => {
  const { server, clock, desk } = await setUp();
  server.on("POST /leases/1/submit?next=1", [201, { next: bundle(2) }]);
  desk.draft.value!.changed(boxed("a"));
  await desk.submit(boxed("a"));
  await clock.pass(20_000);
  assert.equal(server.to("PUT /leases/1/draft").length, 0);
});

test("204 leaves the desk empty, and asking again may fill it", async () => {
  const { server, desk } = await setUp(null);
  assert.equal(desk.phase.value.name, "empty");
  server.on(NEXT, [200, bundle(4)]);
  await desk.start();
  assert.equal(desk.bundle.value!.lease.id, 4);
});

test("a lease that ended says why and whether the draft was kept", async () => {
  const { server, desk } = await setUp();
  server.on("POST /leases/1/submit?next=1", [409, { code: "lease_ended", detail: "this was taken back", draft_kept: true }]);
  await desk.submit(boxed("a"));
  assert.deepEqual(desk.phase.value, { name: "ended", why: "this was taken back", kept: true });
});

test("a lease is renewed before it ends while someone works, and runs out when nobody does", async () => {
  const { server, clock, desk } = await setUp();
  server.on("POST /leases/1/renew", [200, { id: 1, expires_at: "2026-03-01T12:25:00Z" }]);
  await clock.pass(4 * 60_000);
  assert.equal(server.to("POST /leases/1/renew").length, 0);
  desk.beat();
  await clock.pass(2 * 60_000);
  assert.equal(server.to("POST /leases/1/renew").length, 1);
  await clock.pass(60 * 60_000);
  assert.equal(desk.phase.value.name, "ended");
});

test("leaving saves the draft and gives both leases back", async () => {
  const { server, desk } = await setUp();
  server.on("PUT /leases/1/draft", [200, { revision: 1 }]).on("DELETE /leases/1", [204]).on("DELETE /leases/2", [204]);
  desk.draft.value!.changed(boxed("a"));
  await desk.leave();
  const order = server.calls.map(({ method, path }) => `${method} ${path}`).slice(-3);
  assert.deepEqual(order, ["PUT /leases/1/draft", "DELETE /leases/1", "DELETE /leases/2"]);
});

test("a page closed without asking keeps its task and gives back only what was fetched ahead", async () => {
  const { server, desk } = await setUp();
  desk.farewell();
  await settled();
  assert.deepEqual(server.calls.filter(({ method }) => method === "DELETE").map(({ path }) => path), ["/leases/2"]);
});

test("a verdict goes with its reason and comments, and brings the next", async () => {
  const { server, desk } = await setUp();
  server.on("POST /leases/1/review?next=1", [201, { next: bundle(3) }]);
  await desk.review({ verdict: "return", reason: "loose", comments: [{ object: "a", text: "feet" }] });
  assert.deepEqual(server.to("POST /leases/1/review?next=1")[0]!.body, { verdict: "return", reason: "loose", comments: [{ object: "a", text: "feet" }], seconds: 0 });
  assert.equal(desk.bundle.value!.lease.id, 3);
});

test("a dispute goes to the verdict that sent the work back, and the next task comes", async () => {
  const { server, desk } = await setUp();
  server.on("POST /reviews/9/dispute", [201, {}]).on(NEXT, [200, bundle(3)]);
  assert.equal(await desk.dispute(9, "it is a car"), true);
  assert.deepEqual(server.to("POST /reviews/9/dispute")[0]!.body, { text: "it is a car" });
  assert.equal(desk.bundle.value!.lease.id, 3);
});

test("an answer of one's own is taken back by its task, and a refusal is told", async () => {
  const { server, desk, news } = await setUp();
  server.on("GET /queues/1/mine", [200, { results: [{ task: 7, reopen: false }, { task: 8, reopen: true }] }]).on("POST /tasks/8/reopen", [201, bundle(5)]);
  assert.deepEqual((await desk.mine()).map(({ task }) => task), [7, 8]);
  await desk.reopen(8);
  assert.equal(desk.bundle.value!.lease.id, 5);
  server.on("POST /tasks/7/reopen", [409, { code: "opened_by_reviewer" }]);
  await desk.reopen(7);
  assert.ok(news.includes("refused opened_by_reviewer "));
  assert.equal(desk.phase.value.name, "working");
});

test("an answer names the draft it has seen; a newer one of another tab stops it until the person has chosen", async () => {
  const { server, clock, desk, news } = await setUp(bundle(1, { draft: { revision: 3, annotation: boxed("a") } }));
  server.on("POST /leases/1/submit?next=1", [409, { code: "stale_draft", revision: 5, annotation: boxed("z") }], [201, { next: null }]);
  await desk.submit(boxed("a"));
  assert.equal(server.calls.at(-1)!.body.draft, 3);
  assert.ok(news.includes("overtaken"));
  assert.equal(desk.phase.value.name, "working");
  await desk.submit(boxed("a"));
  assert.equal(server.to("POST /leases/1/submit?next=1").length, 1);
  server.on("PUT /leases/1/draft", [200, { revision: 6 }]);
  desk.draft.value!.choose(boxed("a"));
  await clock.pass(100);
  await desk.submit(boxed("a"));
  assert.equal(server.to("POST /leases/1/submit?next=1").at(-1)!.body.draft, 6);
  assert.equal(desk.phase.value.name, "empty");
});

test("an answer after a save whose answer was lost is sent again with what that save made", async () => {
  const { server, clock, desk } = await setUp();
  server.on("PUT /leases/1/draft", "offline");
  desk.draft.value!.changed(boxed("a"));
  await clock.pass(1100);
  server.on("POST /leases/1/submit?next=1", [409, { code: "stale_draft", revision: 1, annotation: boxed("a") }], [201, { next: null }]);
  await desk.submit(boxed("a", "b"));
  const [first, second] = server.to("POST /leases/1/submit?next=1");
  assert.deepEqual([first!.body.draft, second!.body.draft], [0, 1]);
  assert.notEqual(first!.key, second!.key);
  assert.equal(desk.phase.value.name, "empty");
});

test("who is idle is told before the task goes back, and one sign of life keeps it", async () => {
  const { server, clock, desk } = await setUp();
  server.on("POST /leases/1/renew", [200, { id: 1, expires_at: "2026-03-01T12:30:00Z" }]);
  await clock.pass(12.9 * 60_000);
  assert.equal(desk.renewer.value!.waning.value, false);
  await clock.pass(20_000);
  assert.equal(desk.renewer.value!.waning.value, true);
  assert.equal(server.to("POST /leases/1/renew").length, 0);
  desk.beat();
  await settled();
  assert.equal(server.to("POST /leases/1/renew").length, 1);
  assert.equal(desk.renewer.value!.waning.value, false);
});

test("time that runs out while the network is away does not take the work from the screen", async () => {
  const { server, clock, desk, news } = await setUp();
  server.on("PUT /leases/1/draft", "offline");
  desk.draft.value!.changed(boxed("a"));
  await clock.pass(16 * 60_000);
  assert.equal(desk.phase.value.name, "working");
  assert.ok(news.includes("unheld"));
  server.on("PUT /leases/1/draft", [409, { code: "lease_ended", detail: "the time ran out", draft_kept: true }]);
  await clock.pass(60_000);
  assert.deepEqual(desk.phase.value, { name: "ended", why: "the time ran out", kept: true });
});

test("a skip that cannot be sent leaves the task on the desk", async () => {
  const { server, desk, news } = await setUp();
  server.on("POST /leases/1/skip", "offline");
  await desk.skip("dark");
  assert.equal(desk.phase.value.name, "working");
  assert.ok(news.some((line) => line.startsWith("refused offline")));
});

test("long gaps without a sign of life do not count as work", async () => {
  const clock = new FakeClock();
  const watch = new Stopwatch(clock);
  await clock.pass(30_000);
  watch.beat();
  await clock.pass(3_600_000);
  assert.equal(watch.seconds, 90);
});
