/** The frames of the group on the desk, as far as this person may know them, with what is on the screen in its own frame. */
import { computed, signal } from "@preact/signals";
import type { AnyObject, Attributes } from "../sync/bundle.ts";
import type { DocumentStore } from "./document.ts";
import { rows, type Frame } from "./tracks.ts";

/** Null keys and tasks: a frame that is not this person's. */
export interface FrameRow extends Frame {
  key: string | null;
  task: number | null;
}
/** The nearest earlier frame of one's own that has objects: all of them, and what was answered about it. */
export interface Previous {
  of: number;
  objects: readonly AnyObject[];
  item: Attributes;
}

export class Frames {
  /** In frame order; empty when the item is no frame of a group. */
  readonly list = signal<readonly FrameRow[]>([]);
  readonly previous = signal<Previous | null>(null);
  /** Over how many frames an object was propagated last. */
  readonly count = signal(10);
  /** How many of the begun frames are still to be submitted, while they are. */
  readonly sending = signal<{ done: number; of: number } | null>(null);
  readonly here = computed(() => this.list.value.find(({ state }) => state === "here") ?? null);
  readonly any = computed(() => this.list.value.length > 1);
  readonly tracks = computed(() => rows(this.shown.value));
  private readonly shown = computed<readonly FrameRow[]>(() => {
    const objects = this.store.document.value.objects.filter(({ track }) => track);
    return this.list.value.map((frame) => (frame.state === "here" ? { ...frame, objects } : frame));
  });
  private readonly store: DocumentStore;

  constructor(store: DocumentStore) {
    this.store = store;
  }

  /** The frames with the one on the desk as it is on the screen. */
  now(): { list: readonly FrameRow[]; here: FrameRow | null } {
    const list = this.shown.peek();
    return { list, here: list.find(({ state }) => state === "here") ?? null };
  }

  clear(): void {
    this.list.value = [];
    this.previous.value = null;
  }

  /** The frame `by` places from the one on the desk that can be opened; further ones are passed over when they are others'. */
  reach(by: number): FrameRow | null {
    const list = this.list.peek();
    const at = list.findIndex(({ state }) => state === "here");
    if (at < 0) return null;
    const side = by > 0 ? list.slice(at + 1) : list.slice(0, at).reverse();
    const open = side.filter(({ state }) => state !== "away" && state !== "done");
    const wanted = list[Math.min(Math.max(at + by, 0), list.length - 1)]!;
    const beyond = open.find(({ frame }) => (by > 0 ? frame >= wanted.frame : frame <= wanted.frame));
    return beyond ?? open.at(-1) ?? null;
  }
}
