/**
 * Work that a crash of the tab must not take along: kept in this browser's IndexedDB from the moment it is done.
 *
 * An entry belongs to a person, a task, a lease and a tab; nobody reads the entries of another person. Two tabs on one
 * task have an entry each, so neither takes the other's. While one write is under way only the newest next one waits.
 */
import { signal } from "@preact/signals";
import type { Said } from "../state/ui.ts";
import type { AnnotationDocument } from "./bundle.ts";

export interface Entry {
  person: number;
  task: number;
  lease: number;
  tab: string;
  queue: number;
  item: number;
  /** The item's key, for a person to recognise what was kept. */
  name: string;
  round: number;
  /** The answer that the work started from, if any. */
  answer: number | null;
  /** The revision of the server's draft that this is based on. */
  revision: number;
  /** Digests of the documents sent to the server without an answer: any of them may have arrived. */
  sent: readonly string[];
  /** Null while nothing but words was changed. */
  document: AnnotationDocument | null;
  /** Words that are not sent yet (comments, a reason, a question), and whether a reviewer was fixing. */
  words: { comments: readonly unknown[]; writing: string; fixing: boolean; said?: Said | null } | null;
  /** Milliseconds since 1970 by this machine. */
  at: number;
}
export type EntryKey = Pick<Entry, "person" | "task" | "lease" | "tab">;

/** Where entries are kept; in the browser `IndexedStore`. Each call is whole or not at all. */
export interface EntryStore {
  all(person: number): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(keys: EntryKey[]): Promise<void>;
}

export const nameOfEntry = (key: EntryKey): string => `${key.person}/${key.task}/${key.lease}/${key.tab}`;

export class Journal {
  /** Something done is not in the journal yet: only then would leaving the page lose it. */
  readonly writing = signal(false);
  /** The browser refuses to keep anything (private window, full disk). */
  readonly broken = signal(false);
  readonly person: number;
  readonly tab: string;
  private known = new Map<string, Entry>();
  private waiting = new Map<string, { entry: Entry } | { key: EntryKey }>();
  private under: Promise<void> | null = null;
  private readonly store: EntryStore;

  constructor(store: EntryStore, person: number, tab: string) {
    this.store = store;
    this.person = person;
    this.tab = tab;
  }

  /** Reads what this person left in this browser, in this tab and others. */
  async refresh(): Promise<void> {
    await this.settled();
    try {
      const found = await this.store.all(this.person);
      const mine = found.filter((entry) => entry.person === this.person).map((entry) => [nameOfEntry(entry), entry] as const);
      const newer = [...this.waiting].map(([name, act]) => [name, "entry" in act ? act.entry : null] as const);
      this.known = new Map(mine);
      for (const [name, entry] of newer) {
        if (entry) this.known.set(name, entry);
        else this.known.delete(name);
      }
    } catch {
      this.broken.value = true;
    }
  }

  /** What is known here of this person's work on a task, newest first. */
  of(task: number): Entry[] {
    return this.all().filter((entry) => entry.task === task);
  }

  all(): Entry[] {
    return [...this.known.values()].sort((a, b) => b.at - a.at);
  }

  write(entry: Entry): void {
    const name = nameOfEntry(entry);
    this.known.set(name, entry);
    this.later(name, { entry });
  }

  forget(keys: EntryKey[]): void {
    for (const key of keys) {
      const name = nameOfEntry(key);
      if (this.known.delete(name)) this.later(name, { key });
    }
  }

  /** Resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    while (this.under) await this.under;
  }

  private later(name: string, act: { entry: Entry } | { key: EntryKey }): void {
    this.waiting.set(name, act);
    this.writing.value = true;
    this.under ??= this.flush().finally(() => {
      this.under = null;
      this.writing.value = this.waiting.size > 0;
    });
  }

  private async flush(): Promise<void> {
    while (this.waiting.size) {
      const [name, act] = this.waiting.entries().next().value!;
      try {
        if ("entry" in act) await this.store.put(act.entry);
        else await this.store.remove([act.key]);
        if (this.waiting.get(name) === act) this.waiting.delete(name);
        this.broken.value = false;
      } catch {
        this.broken.value = true;
        return; // what waits is tried again with the next change; until then leaving the page asks
      }
    }
  }
}
