/** A journal's table in memory: writes take a turn of the loop and are whole or not at all, as in the browser; it can fail, and "crash". */
import { nameOfEntry, type Entry, type EntryKey, type EntryStore } from "../../../static/src/workbench/sync/journal.ts";

export class Disk {
  readonly rows = new Map<string, Entry>();
  failing = false;

  /** The store as one tab has it: once the tab is dead, nothing of it is written any more. */
  tab(): EntryStore & { dead: boolean } {
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const store = {
      dead: false,
      all: async (person: number): Promise<Entry[]> => {
        await turn();
        if (this.failing) throw new Error("quota");
        return [...this.rows.values()].filter((entry) => entry.person === person).map((entry) => structuredClone(entry));
      },
      put: async (entry: Entry): Promise<void> => {
        const copy = structuredClone(entry);
        await turn();
        if (this.failing) throw new Error("quota");
        if (store.dead) return new Promise(() => undefined);
        this.rows.set(nameOfEntry(copy), copy);
      },
      remove: async (keys: EntryKey[]): Promise<void> => {
        await turn();
        if (this.failing) throw new Error("quota");
        if (store.dead) return new Promise(() => undefined);
        for (const key of keys) this.rows.delete(nameOfEntry(key));
      },
    };
    return store;
  }
}
