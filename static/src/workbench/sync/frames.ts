/**
 * Keeps tracks true over the frames of a group: what a person placed here moves what lies between in the drafts of others.
 *
 * A change here is written into the other frames a moment later, and at the latest before another frame is opened or the
 * answer goes off. What could not be written for want of a network is worked out again when it is back.
 */
import { effect, untracked } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { passing, Problem } from "../../kit/problem.ts";
import type { DocumentStore } from "../state/document.ts";
import type { FrameRow, Frames, Previous } from "../state/frames.ts";
import { apply, placed, settle, type Edit } from "../state/tracks.ts";
import type { AnyObject, Bundle } from "./bundle.ts";
import { wallClock, type Clock } from "./clock.ts";

const AFTER = 600;
const AGAIN = 5000;

interface Scene {
  client: Client;
  store: DocumentStore;
  frames: Frames;
  /** Frames that could not be written: another's hands are on them. */
  refused(detail: string): void;
}
interface Told {
  item: number;
  revision?: number;
  filled?: string[];
  code?: string;
  detail?: string;
}

export class FrameKeeper {
  private bundle: Bundle | null = null;
  /** Where one was before: queue and group. */
  private group = "";
  private known = new Map<string, AnyObject>();
  /** Tracks that changed here, and whether they became placed here just now. */
  private changed = new Map<string, boolean>();
  private stopTimer: (() => void) | null = null;
  private under: Promise<void> = Promise.resolve();
  private fetching: Promise<void> = Promise.resolve();
  private readonly scene: Scene;
  private readonly clock: Clock;

  constructor(scene: Scene, clock: Clock = wallClock) {
    this.scene = scene;
    this.clock = clock;
    effect(() => {
      const { objects } = scene.store.document.value;
      untracked(() => this.compare(objects));
    });
  }

  /** The desk is cleared: what changes now is no change of the frame that was on it. */
  close(): void {
    this.bundle = null;
    this.disarm();
    this.changed.clear();
  }

  /** Another task is on the desk. True when it is of the group that one was in: what is known of it goes on being shown. */
  arrived(bundle: Bundle): boolean {
    const { frames, store } = this.scene;
    const framed = bundle.item.group !== null && bundle.item.frame !== null && bundle.media !== null;
    const group = framed ? `${bundle.task.queue} ${bundle.item.group}` : "";
    const same = framed && this.group === group;
    this.group = group;
    this.bundle = framed ? bundle : null;
    this.remember(store.document.peek().objects);
    if (!same) frames.clear();
    else frames.list.value = frames.list.peek().map((frame) => relaid(frame, bundle));
    this.fetching = framed ? this.fetch(bundle) : Promise.resolve();
    return same;
  }

  /** The frames as the server knows them. */
  private async fetch(bundle: Bundle): Promise<void> {
    try {
      const { data } = await this.scene.client.call<{ frames: FrameRow[]; previous: Previous | null }>("GET", `/leases/${bundle.lease.id}/frames`);
      if (this.bundle !== bundle || !data) return;
      this.scene.frames.list.value = data.frames;
      this.scene.frames.previous.value = data.previous;
    } catch (error) {
      if (!passing(error) && !(error instanceof Problem)) throw error; // without the strip the frame itself can still be labelled
    }
  }

  /** When the frames of what is on the desk are known. */
  ready(): Promise<void> {
    return this.fetching;
  }

  /** Writes what waits; resolves when it is written, or could not be. */
  async flush(): Promise<void> {
    await this.fetching;
    this.disarm();
    const { frames } = this.scene;
    const { list, here } = frames.now();
    if (here && this.changed.size) {
      const changed = this.changed;
      this.changed = new Map();
      const bundle = this.bundle;
      const done = await this.write(merged([...changed].flatMap(([track, fresh]) => settle(list, here, track, fresh))));
      if (!done && this.bundle === bundle) {
        for (const [track, fresh] of changed) this.changed.set(track, fresh || (this.changed.get(track) ?? false));
        this.arm(AGAIN);
      }
    }
    await this.under;
  }

  /** Writes edits into other frames, and shows them at once; what was filled in each frame that was written. Null
   * when the server was not to be reached: then nothing is known. */
  write(edits: readonly Edit[]): Promise<Map<number, readonly string[]> | null> {
    const done = Promise.all([this.under, this.fetching]).then(() => this.put(edits));
    this.under = done.then(() => undefined);
    return done;
  }

  private async put(edits: readonly Edit[]): Promise<Map<number, readonly string[]> | null> {
    const { bundle } = this;
    const { client, frames } = this.scene;
    if (!bundle || !edits.length) return new Map();
    const before = frames.list.peek();
    const revisions = new Map(before.map(({ item, revision }) => [item, revision]));
    frames.list.value = apply(before, edits) as FrameRow[];
    try {
      const body = { frames: edits.map((edit) => ({ ...edit, revision: revisions.get(edit.item) ?? 0 })) };
      const { data } = await client.call<{ frames: Told[] }>("PUT", `/leases/${bundle.lease.id}/frames`, { body });
      const told = new Map((data?.frames ?? []).map((one) => [one.item, one]));
      frames.list.value = frames.list.peek().map((frame) => {
        const revision = told.get(frame.item)?.revision;
        return revision === undefined ? frame : { ...frame, revision, state: frame.state === "open" ? "mine" : frame.state };
      });
      const wrong = [...told.values()].filter(({ code }) => code);
      if (wrong.length) {
        this.scene.refused(wrong[0]!.detail ?? "");
        await this.fetch(bundle);
      }
      return new Map([...told.values()].filter(({ code }) => !code).map(({ item, filled }) => [item, filled ?? []]));
    } catch (error) {
      frames.list.value = before;
      if (!passing(error) && !(error instanceof Problem)) throw error;
      this.scene.refused(error instanceof Problem ? error.detail : "");
      return passing(error) ? null : new Map();
    }
  }

  /** Which tracks are other than a moment ago. */
  private compare(objects: readonly AnyObject[]): void {
    if (!this.bundle) return;
    const before = this.known;
    this.remember(objects);
    for (const [track, object] of this.known) {
      const was = before.get(track);
      if (was === object || !placed(object)) continue;
      const fresh = !was || !placed(was);
      this.changed.set(track, fresh || (this.changed.get(track) ?? false));
    }
    for (const [track, was] of before) if (placed(was) && !(this.known.get(track) && placed(this.known.get(track)!))) this.changed.set(track, false);
    if (this.changed.size) this.arm(AFTER);
  }

  private arm(wait: number): void {
    this.stopTimer ??= this.clock.later(() => {
      this.stopTimer = null;
      void this.flush();
    }, wait);
  }

  private remember(objects: readonly AnyObject[]): void {
    this.known = new Map(objects.flatMap((object) => (object.track ? [[object.track, object] as const] : [])));
  }

  private disarm(): void {
    this.stopTimer?.();
    this.stopTimer = null;
  }
}

/** Until the server's word is there: the desk has moved on to another frame of what is known. */
function relaid(frame: FrameRow, bundle: Bundle): FrameRow {
  if (frame.item === bundle.item.id) return { ...frame, state: "here", key: bundle.item.key, task: bundle.task.id };
  return frame.state === "here" ? { ...frame, state: "mine" } : frame;
}

/** One edit for each frame. */
export function merged(edits: readonly Edit[]): Edit[] {
  const by = new Map<number, Edit>();
  for (const { item, put, drop } of edits) {
    const one = by.get(item) ?? { item, put: [], drop: [] };
    by.set(item, { item, put: [...one.put.filter(({ id }) => !put.some((other) => other.id === id)), ...put], drop: [...one.drop, ...drop] });
  }
  return [...by.values()];
}
