import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../../static/src/kit/problem.ts";
import { Client } from "../../../static/src/kit/client.ts";
import { DocumentStore } from "../../../static/src/workbench/state/document.ts";
import { Ui } from "../../../static/src/workbench/state/ui.ts";
import { DraftSaver } from "../../../static/src/workbench/sync/draft.ts";
import { Journal, type Entry } from "../../../static/src/workbench/sync/journal.ts";
import { Keeper, type Restored } from "../../../static/src/workbench/sync/keeper.ts";
import { digestOf, judge, opening, same } from "../../../static/src/workbench/sync/restoring.ts";
import type { AnnotationDocument, Bundle } from "../../../static/src/workbench/sync/bundle.ts";
import { Chance } from "../chance.ts";
import { Disk } from "./idb.ts";
import { boxed, bundle, FakeClock, settled } from "./server.ts";

const EMPTY: AnnotationDocument = { objects: [], item: {} };

function entry(over: Partial<Entry> = {}): Entry {
  return {
    person: 1, task: 101, lease: 1, tab: "t", queue: 1, item: 201, name: "a.jpg", round: 1, answer: null, revision: 0, sent: [],
    document: boxed("a"), words: null, at: 1, ...over,
  };
}

test("an entry goes on from the draft it is based on, from nothing, and from a save whose answer was lost", () => {
  const draft = (revision: number, ...ids: string[]) => bundle(1, { draft: { revision, annotation: boxed(...ids) } });
  assert.equal(judge(entry(), bundle(1), EMPTY), "newer");
  assert.equal(judge(entry({ revision: 3 }), draft(3, "b"), EMPTY), "newer");
  assert.equal(judge(entry({ revision: 3, sent: [digestOf(boxed("b"))] }), draft(4, "b"), EMPTY), "newer");
  assert.equal(judge(entry({ revision: 3 }), draft(4, "a"), EMPTY), "same");
  assert.equal(judge(entry({ revision: 3 }), draft(4, "b"), EMPTY), "apart");
  assert.equal(judge(entry(), bundle(1, { task: { ...bundle(1).task, round: 2 } }), EMPTY), "apart");
  assert.equal(judge(entry(), bundle(1, { annotation: { id: 9, revision: 1, ...boxed("b") } }), EMPTY), "apart");
});

test("of two tabs' work the newest goes on and the other is asked about", () => {
  const found = opening([entry({ tab: "b", at: 9, document: boxed("b") }), entry({ tab: "a", at: 5 })], bundle(1), EMPTY);
  assert.deepEqual([found.restore?.tab, found.apart?.tab, found.done.length], ["b", "a", 0]);
});

test("what is written is there for the next journal of the same person, and for nobody else", async () => {
  const disk = new Disk();
  const [mine, theirs] = [new Journal(disk.tab(), 1, "x"), new Journal(disk.tab(), 2, "y")];
  mine.write(entry({ tab: "x" }));
  assert.equal(mine.writing.value, true);
  await mine.settled();
  assert.equal(mine.writing.value, false);
  await theirs.refresh();
  assert.deepEqual(theirs.all(), []);
  const again = new Journal(disk.tab(), 1, "z");
  await again.refresh();
  assert.deepEqual(again.of(101).map(({ tab }) => tab), ["x"]);
  again.forget(again.of(101));
  await again.settled();
  assert.equal(disk.rows.size, 0);
});

test("a full disk is known, and what waits is written when there is room again", async () => {
  const disk = new Disk();
  const journal = new Journal(disk.tab(), 1, "x");
  disk.failing = true;
  journal.write(entry({ tab: "x", document: boxed("a") }));
  await settled();
  assert.deepEqual([journal.broken.value, journal.writing.value], [true, true]);
  disk.failing = false;
  journal.write(entry({ tab: "x", document: boxed("a", "b") }));
  await journal.settled();
  assert.deepEqual([journal.broken.value, journal.writing.value], [false, false]);
  assert.equal([...disk.rows.values()][0]!.document!.objects.length, 2);
});

/** A server of drafts by the rules of the real one (queues/drafts.py), whose answers can be lost. */
class Drafts {
  row: { revision: number; annotation: AnnotationDocument } | null = null;
  /** "ok", "lost": carried out but unheard, "away": never arrives. */
  weather: "ok" | "lost" | "away" = "ok";
  readonly client = new Client("", "t", async (_url, init) => {
    const { revision, annotation } = JSON.parse(String(init.body));
    await new Promise((resolve) => setImmediate(resolve));
    if (this.weather === "away") throw new TypeError("no network");
    const present = this.row?.revision ?? 0;
    if (revision !== present) {
      if (!(this.row && present === revision + 1 && same(this.row.annotation, annotation))) {
        return new Response(JSON.stringify({ code: "stale_draft", revision: present, annotation: this.row?.annotation ?? null }), { status: 409 });
      }
    } else this.row = { revision: present + 1, annotation };
    if (this.weather === "lost") throw new TypeError("answer lost");
    return new Response(JSON.stringify({ revision: this.row!.revision }), { status: 200 });
  });
}

/** A tab as far as it keeps work: document, journal, draft. */
class Tab {
  static count = 0;
  readonly store = new DocumentStore(() => 0);
  readonly disk: ReturnType<Disk["tab"]>;
  private readonly server: Drafts;
  private readonly clock: FakeClock;
  readonly journal;
  readonly keeper: Keeper;
  readonly draft: { value: DraftSaver | null; peek(): DraftSaver | null } = { value: null, peek() { return this.value; } };
  readonly ui = new Ui();
  restored: Restored | null = null;
  private stop: () => void = () => undefined;

  constructor(disk: Disk, server: Drafts, clock: FakeClock, person = 1) {
    this.server = server;
    this.clock = clock;
    this.disk = disk.tab();
    this.journal = new Journal(this.disk, person, `tab${++Tab.count}`);
    this.keeper = new Keeper({
      store: this.store, ui: this.ui, desk: { draft: this.draft } as never, journal: this.journal, now: () => clock.now(),
      restored: (what) => (this.restored = what),
    });
  }

  async open(of: Partial<Bundle> = {}): Promise<this> {
    await this.keeper.ready();
    const task = bundle(1, { draft: this.server.row ? structuredClone(this.server.row) : null, ...of });
    const start = task.draft?.annotation ?? EMPTY;
    const saver = new DraftSaver(this.server.client, 1, task.draft?.revision ?? 0, {
      sending: () => this.keeper.sending(),
      saved: (document) => {
        this.store.saved.value = document;
        this.keeper.saved();
      },
      overtaken: (theirs) => this.keeper.overtaken(theirs),
      ended: (problem: Problem) => assert.fail(problem.detail),
      refused: (problem: Problem) => assert.fail(problem.detail),
    }, this.clock);
    this.draft.value = saver;
    this.stop = this.store.document.subscribe((document) => this.store.dirty.peek() && saver.changed(document));
    this.keeper.close();
    this.store.load(start);
    this.keeper.opened(task, start);
    return this;
  }

  add(id: string): void {
    this.store.put(boxed(id).objects[0]!);
  }

  /** The process is gone between two turns of its loop. */
  crash(): void {
    this.disk.dead = true;
    this.stop();
    void this.draft.peek()?.close();
  }

  get ids(): string[] {
    return this.store.document.peek().objects.map(({ id }) => id).sort();
  }
}

test("a crash before the first save: the work comes back, is told, and undo leads to what the server had", async () => {
  const [disk, server, clock] = [new Disk(), new Drafts(), new FakeClock()];
  const tab = await new Tab(disk, server, clock).open();
  tab.add("a");
  tab.add("b");
  await tab.journal.settled();
  tab.crash();
  const next = await new Tab(disk, server, clock).open();
  assert.deepEqual(next.ids, ["a", "b"]);
  assert.equal(next.restored?.what.added.length, 2);
  await clock.pass(3000);
  assert.equal(server.row?.annotation.objects.length, 2);
  await next.journal.settled();
  assert.equal(disk.rows.size, 0);
  next.store.undo();
  assert.deepEqual(next.ids, []);
});

test("another person on the same browser gets nothing of it", async () => {
  const [disk, server, clock] = [new Disk(), new Drafts(), new FakeClock()];
  const tab = await new Tab(disk, server, clock).open();
  tab.add("a");
  await tab.journal.settled();
  tab.crash();
  const other = await new Tab(disk, new Drafts(), clock, 2).open();
  assert.deepEqual([other.ids, other.restored, other.keeper.kept()], [[], null, []]);
  assert.deepEqual((await new Tab(disk, server, clock).open()).ids, ["a"]);
});

test("a reviewer's words that were not sent come back with the fix they belong to", async () => {
  const [disk, server, clock] = [new Disk(), new Drafts(), new FakeClock()];
  const tab = await new Tab(disk, server, clock).open();
  tab.ui.comments.value = [{ object: "a", text: "too loose" }];
  tab.ui.writing.value = "and";
  await tab.journal.settled();
  tab.crash();
  const next = await new Tab(disk, server, clock).open();
  assert.deepEqual([next.ui.comments.value, next.ui.writing.value, next.restored?.words], [[{ object: "a", text: "too loose" }], "and", 2]);
  next.ui.comments.value = [];
  next.ui.writing.value = "";
  await next.journal.settled();
  assert.equal([...disk.rows.values()].filter(({ tab: name }) => name === next.journal.tab).length, 0);
});

test("two tabs: the stale one neither overwrites nor loses; each choice leaves what was chosen", async () => {
  for (const which of ["here", "other"] as const) {
    const [disk, server, clock] = [new Disk(), new Drafts(), new FakeClock()];
    const [one, two] = [await new Tab(disk, server, clock).open(), await new Tab(disk, server, clock).open()];
    one.add("a");
    await clock.pass(2000);
    two.add("b");
    await clock.pass(60_000);
    assert.deepEqual(server.row!.annotation.objects.map(({ id }) => id), ["a"]);
    const choice = two.keeper.choice.value!;
    assert.equal(choice.from, "tab");
    const differs = two.keeper.compare(choice);
    assert.deepEqual([differs.added.map(({ id }) => id), differs.removed.map(({ id }) => id)], [["a"], ["b"]]);
    two.keeper.choose(which);
    await clock.pass(2000);
    assert.deepEqual(server.row!.annotation.objects.map(({ id }) => id), [which === "here" ? "b" : "a"]);
    assert.deepEqual(two.ids, [which === "here" ? "b" : "a"]);
    if (which === "other") {
      two.store.undo();
      assert.deepEqual(two.ids, ["b"]);
    }
  }
});

test("whatever the network does, however often the tab crashes: what was done in one tab after the other is never lost", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const dice = new Chance(seed);
    const chance = (): number => dice.next();
    const [disk, server, clock] = [new Disk(), new Drafts(), new FakeClock()];
    let tab = await new Tab(disk, server, clock).open();
    const expected = new Set<string>();
    let n = 0;
    for (let step = 0; step < 30; step++) {
      const roll = chance();
      if (roll < 0.45) {
        const id = `o${n++}`;
        tab.add(id);
        expected.add(id);
      } else if (roll < 0.55 && expected.size) {
        const [id] = expected;
        tab.store.drop(id!);
        expected.delete(id!);
      } else if (roll < 0.7) server.weather = (["ok", "lost", "away"] as const)[Math.floor(chance() * 3)]!;
      else if (roll < 0.85) await clock.pass(chance() * 3000);
      else {
        await tab.journal.settled(); // "at once": a turn of the loop or two after the change
        tab.crash();
        tab = await new Tab(disk, server, clock).open();
        assert.equal(tab.keeper.choice.value, null, "one person, one tab at a time: nothing to choose");
      }
      assert.deepEqual(tab.ids, [...expected].sort());
    }
    server.weather = "ok";
    await clock.pass(120_000);
    assert.deepEqual((server.row?.annotation ?? EMPTY).objects.map(({ id }) => id).sort(), [...expected].sort());
    await tab.journal.settled();
    assert.equal(disk.rows.size, 0, "nothing stays behind that the server has");
    tab.crash();
  }
});
