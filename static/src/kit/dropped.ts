/** Files of a drop, folders walked to their ends, each with its path. */
export interface Found {
  path: string;
  file: File;
}

function entryFile(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

/** A folder is told in parts: an empty one ends it. */
async function children(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!part.length) return all;
    all.push(...part);
  }
}

async function walk(entry: FileSystemEntry, into: Found[]): Promise<void> {
  if (entry.name.startsWith(".")) return; // what file managers leave behind
  if (entry.isFile) {
    const file = await entryFile(entry as FileSystemFileEntry);
    if (file) into.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  for (const child of await children(entry as FileSystemDirectoryEntry)) await walk(child, into);
}

export async function dropped(data: DataTransfer): Promise<Found[]> {
  // Entries can only be had while the event is handled: all of them first, then the walk.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  const files = [...data.files];
  if (!entries.length) return chosen(files);
  const found: Found[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

export function chosen(files: Iterable<File>): Found[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
