import assert from "node:assert/strict";
import { test } from "node:test";
import { reversed } from "../../../static/src/workbench/actions/frames.ts";
import { DocumentStore } from "../../../static/src/workbench/state/document.ts";
import { Frames, type FrameRow } from "../../../static/src/workbench/state/frames.ts";
import { apply, propagate } from "../../../static/src/workbench/state/tracks.ts";
import type { AnyObject, Bundle } from "../../../static/src/workbench/sync/bundle.ts";
import { FrameKeeper } from "../../../static/src/workbench/sync/frames.ts";
import { bundle, FakeClock, FakeServer, settled } from "./server.ts";

const TRACK = "5f0c7d1e-0000-4000-8000-000000000001";
const box = (id: string, x: number, source?: AnyObject["source"]): AnyObject => ({ id, kind: "box", label: "car", track: TRACK, box: [x, 0, 10, 10], ...(source ? { source } : {}) });
const row = (frame: number, state: FrameRow["state"], ...objects: AnyObject[]): FrameRow => ({ item: 200 + frame, frame, state, revision: objects.length, objects, key: null, task: null });
const on = (lease: number, frame: number): Bundle => bundle(lease, { item: { id: 200 + frame, key: "a", width: 64, height: 48, group: "clip", frame, meta: {} } });

async function setUp(list: FrameRow[], here: AnyObject[] = []) {
  const [server, clock, store, refused] = [new FakeServer(), new FakeClock(), new DocumentStore(), [] as string[]];
  server.on("GET /leases/1/frames", [200, { frames: list, previous: null }]);
  const frames = new Frames(store);
  const keeper = new FrameKeeper({ client: server.client, store, frames, refused: (why) => refused.push(why) }, clock);
  store.load({ objects: here, item: {} });
  const at = list.find(({ state }) => state === "here")!.frame;
  keeper.arrived(on(1, at));
  await settled();
  return { server, clock, store, frames, keeper, refused };
}

test("what is placed here moves what lies between, a moment later and in one call", async () => {
  const { server, clock, store, frames } = await setUp([row(1, "mine", box("a", 0)), row(2, "mine", box("b", 0, "interpolated")), row(3, "here")], [box("c", 0, "interpolated")]);
  server.on("PUT /leases/1/frames", [200, { frames: [{ item: 202, revision: 5 }] }]);
  store.put({ ...box("c", 18) });
  store.put({ ...box("c", 20) });
  assert.equal(server.to("PUT /leases/1/frames").length, 0);
  await clock.pass(1000);
  const [call, ...more] = server.to("PUT /leases/1/frames");
  assert.equal(more.length, 0);
  assert.deepEqual(call!.body.frames.map((edit: { item: number; revision: number; put: AnyObject[] }) => [edit.item, edit.revision, (edit.put[0] as { box: number[] }).box[0]]), [[202, 1, 10]]);
  assert.equal(frames.list.value[1]!.revision, 5);
});

test("without a network it is tried again until it is there", async () => {
  const { server, clock, store } = await setUp([row(1, "mine", box("a", 0)), row(2, "mine", box("b", 0, "interpolated")), row(3, "here")], [box("c", 0, "interpolated")]);
  server.on("PUT /leases/1/frames", "offline", [503, {}], [200, { frames: [{ item: 202, revision: 2 }] }]);
  store.put(box("c", 20));
  await clock.pass(30_000);
  assert.equal(server.to("PUT /leases/1/frames").length, 3);
});

test("a frame that could not be written is told, and the frames are fetched again", async () => {
  const { server, clock, store, refused } = await setUp([row(1, "mine", box("a", 0)), row(2, "mine", box("b", 0, "interpolated")), row(3, "here")], [box("c", 0, "interpolated")]);
  server.on("PUT /leases/1/frames", [200, { frames: [{ item: 202, code: "frame_away", detail: "with somebody else" }] }]);
  store.put(box("c", 20));
  await clock.pass(1000);
  assert.deepEqual(refused, ["with somebody else"]);
  assert.equal(server.to("GET /leases/1/frames").length, 2);
});

test("laying another frame on the desk is no change of the one that was there", async () => {
  const { server, clock, store, keeper } = await setUp([row(1, "here"), row(2, "mine", box("b", 0, "interpolated")), row(3, "mine", box("c", 9))], [box("a", 0)]);
  server.on("GET /leases/2/frames", [200, { frames: [], previous: null }]);
  keeper.close();
  store.load({ objects: [box("c", 9)], item: {} });
  assert.equal(keeper.arrived(on(2, 3)), true);
  await clock.pass(2000);
  assert.equal(server.to("PUT /leases/1/frames").length + server.to("PUT /leases/2/frames").length, 0);
});

test("a step leads over frames that are others' or opened by a reviewer, and no farther than there are frames", async () => {
  const { frames } = await setUp([row(1, "open"), row(2, "done"), row(3, "here"), row(4, "away"), row(5, "open"), row(6, "mine")]);
  assert.deepEqual([1, -1, 2, 10, -10].map((by) => frames.reach(by)?.frame), [5, 1, 5, 6, 1]);
});

test("edits and then what takes them back leave the frames as they were", () => {
  const list = [row(1, "here", box("a", 0)), row(2, "open"), row(3, "mine", box("c", 4, "interpolated"))];
  const edits = propagate(list, list[0]!, box("a", 0), 2);
  const after = apply(list, edits);
  assert.equal(after[1]!.objects.length, 1);
  assert.deepEqual(apply(after, reversed(list, edits)), list);
});

test("a person's hand makes an interpolated object their own, and undo gives it back", () => {
  const store = new DocumentStore();
  store.load({ objects: [box("a", 0, "interpolated")], item: {} });
  store.put({ ...box("a", 3, "interpolated") });
  assert.equal(store.document.value.objects[0]!.source, undefined);
  store.undo();
  assert.equal(store.document.value.objects[0]!.source, "interpolated");
});
