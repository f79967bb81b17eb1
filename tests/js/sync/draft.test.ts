import assert from "node:assert/strict";
import { test } from "node:test";
import { DraftSaver } from "../../../static/src/workbench/sync/draft.ts";
import { boxed, FakeClock, FakeServer } from "./server.ts";

const PUT = "PUT /leases/5/draft";

function setUp(revision = 0) {
  const [server, clock, news] = [new FakeServer(), new FakeClock(), [] as string[]];
  const saver = new DraftSaver(server.client, 5, revision, {
    saved: (document) => news.push(`saved ${document.objects.length}`),
    overtaken: () => news.push("overtaken"),
    ended: (problem) => news.push(`ended ${problem.body.draft_kept}`),
    refused: (problem) => news.push(`refused ${problem.status}`),
  }, clock);
  return { server, clock, news, saver };
}

test("changes within a second are one save, with the revision last seen", async () => {
  const { server, clock, saver, news } = setUp(3);
  server.on(PUT, [200, { revision: 4 }], [200, { revision: 5 }]);
  saver.changed(boxed("a"));
  await clock.pass(600);
  saver.changed(boxed("a", "b"));
  assert.equal(saver.state.value, "changed");
  await clock.pass(600);
  assert.deepEqual(server.to(PUT).map(({ body }) => [body.revision, body.annotation.objects.length]), [[3, 2]]);
  assert.equal(saver.state.value, "saved");
  saver.changed(boxed("a"));
  await clock.pass(1100);
  assert.equal(server.to(PUT)[1]!.body.revision, 4);
  assert.deepEqual(news, ["saved 2", "saved 1"]);
});

test("another tab's draft stops the saving until the person has chosen; then theirs holds", async () => {
  for (const which of ["here", "other"] as const) {
    const { server, clock, saver, news } = setUp(1);
    server.on(PUT, [409, { code: "stale_draft", revision: 7, annotation: boxed("z", "y") }], [200, { revision: 8 }]);
    saver.changed(boxed("a"));
    await clock.pass(3000);
    saver.changed(boxed("a", "b"));
    await clock.pass(60_000);
    assert.equal(server.to(PUT).length, 1);
    assert.equal(saver.state.value, "apart");
    saver.choose(which === "here" ? boxed("a", "b") : boxed("z", "y"));
    await clock.pass(2000);
    assert.deepEqual(server.to(PUT).map(({ body }) => body.revision), which === "here" ? [1, 7] : [1]);
    assert.deepEqual(news, ["overtaken", "saved 2"]);
    assert.equal(saver.state.value, "saved");
  }
});

test("a save whose answer was lost is no other tab's work: saving goes on from it", async () => {
  const { server, clock, saver, news } = setUp(1);
  server.on(PUT, "offline", [409, { code: "stale_draft", revision: 2, annotation: { item: {}, objects: boxed("a").objects } }], [200, { revision: 3 }]);
  saver.changed(boxed("a"));
  await clock.pass(1100);
  saver.changed(boxed("a", "b"));
  await clock.pass(10_000);
  assert.deepEqual(server.to(PUT).map(({ body }) => body.revision), [1, 1, 2]);
  assert.deepEqual(news, ["saved 2"]);
});

test("a stale answer that says it holds the same is a save whose answer was lost", async () => {
  const { server, clock, saver, news } = setUp(1);
  server.on(PUT, "offline", [409, { code: "stale_draft", revision: 2, same: true }], [200, { revision: 3 }]);
  saver.changed(boxed("a"));
  await clock.pass(20_000);
  assert.deepEqual(news, ["saved 1"]);
  assert.equal(saver.state.value, "saved");
  saver.changed(boxed("a", "b"));
  await clock.pass(1500);
  assert.deepEqual(server.to(PUT).map(({ body }) => body.revision), [1, 1, 2]);
});

test("without a network it tries again, ever slower, and nothing is lost", async () => {
  const { server, clock, saver } = setUp();
  server.on(PUT, "offline", [503, {}], "offline", [200, { revision: 1 }]);
  saver.changed(boxed("a"));
  await clock.pass(1500);
  assert.equal(saver.state.value, "offline");
  saver.changed(boxed("a", "b"));
  assert.equal(saver.state.value, "offline");
  await clock.pass(20_000);
  assert.equal(saver.state.value, "saved");
  assert.equal(server.to(PUT).length, 4);
  assert.equal(server.to(PUT).at(-1)!.body.annotation.objects.length, 2);
});

test("a lease that is over ends the saving and says whether the draft was kept", async () => {
  const { server, clock, saver, news } = setUp();
  server.on(PUT, [409, { code: "lease_ended", draft_kept: true }]);
  saver.changed(boxed("a"));
  await clock.pass(1500);
  saver.changed(boxed("b"));
  await clock.pass(60_000);
  assert.deepEqual(news, ["ended true"]);
  assert.equal(server.to(PUT).length, 1);
});

test("flush saves at once; after close nothing more is sent", async () => {
  const { server, clock, saver } = setUp();
  server.on(PUT, [200, { revision: 1 }]);
  saver.changed(boxed("a"));
  await saver.flush();
  assert.equal(server.to(PUT).length, 1);
  saver.changed(boxed("b"));
  await saver.close();
  await clock.pass(10_000);
  assert.equal(server.to(PUT).length, 1);
});
