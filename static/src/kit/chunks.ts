/** How many files go into one request, and how far each of them is while the request is under way. */
export interface Sized {
  readonly size: number;
}

export const MOST_FILES = 50;
export const MOST_BYTES = 32 * 1024 * 1024;

/** The first files that fit into one request, at least one; they are taken off `waiting`. */
export function nextChunk<T extends Sized>(waiting: T[]): T[] {
  let bytes = 0;
  let count = 0;
  for (const file of waiting) {
    if (count && (count >= MOST_FILES || bytes + file.size > MOST_BYTES)) break;
    bytes += file.size;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** Bytes of each file that have gone, when `share` (0 to 1) of the whole request has: they go in order. */
export function spread(files: readonly Sized[], share: number): number[] {
  let left = share * files.reduce((sum, file) => sum + file.size, 0);
  return files.map((file) => {
    const gone = Math.min(file.size, left);
    left -= gone;
    return gone;
  });
}

/** 12 kB, 3.4 MB */
export function bytes(n: number): string {
  for (const unit of ["B", "kB", "MB"]) {
    if (n < 1000) return `${unit === "B" || n >= 100 ? Math.round(n) : n.toFixed(1)} ${unit}`;
    n /= 1000;
  }
  return `${n.toFixed(1)} GB`;
}
