/** Undo and redo: what was done as pairs of patches, the way there and the way back. */
import type { Patch } from "./patch.ts";

export interface Entry {
  there: Patch;
  back: Patch;
  /** The object to select after going either way. */
  about: string | null;
}
/** Changes of one kind that follow each other this fast are one step: nudges, letters of a text. */
const TOGETHER = 600;

export class History {
  private done: Entry[] = [];
  private undone: Entry[] = [];
  private kind: string | null = null;
  private at = -Infinity;

  /** `kind` names what may be merged with an equal one just before, e.g. "nudge 4f…"; null never merges. */
  add(entry: Entry, kind: string | null, now: number): void {
    const last = this.done.at(-1);
    if (last && kind !== null && kind === this.kind && now - this.at < TOGETHER) {
      last.there = [...last.there, ...entry.there];
      last.back = [...entry.back, ...last.back];
    } else {
      this.done.push({ ...entry });
    }
    this.undone = [];
    this.kind = kind;
    this.at = now;
  }

  undo(): Entry | undefined {
    return this.move(this.done, this.undone);
  }

  redo(): Entry | undefined {
    return this.move(this.undone, this.done);
  }

  get depth(): { undo: number; redo: number } {
    return { undo: this.done.length, redo: this.undone.length };
  }

  clear(): void {
    this.done = [];
    this.undone = [];
    this.kind = null;
  }

  private move(from: Entry[], to: Entry[]): Entry | undefined {
    const entry = from.pop();
    if (entry) to.push(entry);
    this.kind = null;
    return entry;
  }
}
