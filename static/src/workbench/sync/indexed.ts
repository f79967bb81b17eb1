/** The journal's place in the browser: one IndexedDB table, its key the person first, so that a person's entries are one range. */
import type { Entry, EntryKey, EntryStore } from "./journal.ts";

const NAME = "sluice-workbench";
const TABLE = "journal";

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class IndexedStore implements EntryStore {
  private opened: Promise<IDBDatabase> | null = null;
  private readonly factory: IDBFactory;

  constructor(factory: IDBFactory = globalThis.indexedDB) {
    this.factory = factory;
  }

  async all(person: number): Promise<Entry[]> {
    const table = (await this.open()).transaction(TABLE).objectStore(TABLE);
    return done(table.getAll(IDBKeyRange.bound([person], [person, []])));
  }

  put(entry: Entry): Promise<void> {
    return this.change((table) => table.put(entry));
  }

  remove(keys: EntryKey[]): Promise<void> {
    return this.change((table) => keys.forEach((key) => table.delete([key.person, key.task, key.lease, key.tab])));
  }

  private async change(act: (table: IDBObjectStore) => unknown): Promise<void> {
    const transaction = (await this.open()).transaction(TABLE, "readwrite");
    act(transaction.objectStore(TABLE));
    transaction.commit?.();
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  private open(): Promise<IDBDatabase> {
    this.opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.factory.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: ["person", "task", "lease", "tab"] });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const lost = (): void => void (this.opened = null); // opened anew by the next call
        database.onversionchange = () => { database.close(); lost(); };
        database.onclose = lost;
        resolve(database);
      };
    });
    this.opened.catch(() => (this.opened = null));
    return this.opened;
  }
}
