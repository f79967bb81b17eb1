/** Pixels of one mask: a rectangle of bytes, 1 where it covers, row by row, somewhere in the picture. Whole pixels only. */
import type { Point, Rect, Size } from "./plane.ts";

export interface Raster extends Rect {
  /** w × h bytes of 0 or 1. */
  data: Uint8Array;
}

export function blank({ x, y, w, h }: Rect): Raster {
  return { x, y, w, h, data: new Uint8Array(w * h) };
}

export function covers(raster: Raster, x: number, y: number): boolean {
  const [column, row] = [x - raster.x, y - raster.y];
  return column >= 0 && row >= 0 && column < raster.w && row < raster.h && raster.data[row * raster.w + column] === 1;
}

/** What both rectangles have, or null. */
export function overlap(a: Rect, b: Rect): Rect | null {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const [w, h] = [Math.min(a.x + a.w, b.x + b.w) - x, Math.min(a.y + a.h, b.y + b.h) - y];
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}

export function union(a: Rect, b: Rect): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

/** Whole pixels that the rectangle touches, inside the picture. */
export function pixelsOf(rect: Rect, picture: Size): Rect {
  const [x, y] = [Math.max(Math.floor(rect.x), 0), Math.max(Math.floor(rect.y), 0)];
  const [right, bottom] = [Math.min(Math.ceil(rect.x + rect.w), picture.w), Math.min(Math.ceil(rect.y + rect.h), picture.h)];
  return { x, y, w: Math.max(right - x, 0), h: Math.max(bottom - y, 0) };
}

/** A raster over `rect` with what `raster` has there. */
export function cut(raster: Raster, rect: Rect): Raster {
  const made = blank(rect);
  const both = overlap(raster, rect);
  if (!both) return made;
  for (let y = both.y; y < both.y + both.h; y++) {
    const from = (y - raster.y) * raster.w + both.x - raster.x;
    made.data.set(raster.data.subarray(from, from + both.w), (y - rect.y) * rect.w + both.x - rect.x);
  }
  return made;
}

/** The smallest rectangle around what is covered, or null. */
export function tight(raster: Raster): Rect | null {
  const { w, h, data } = raster;
  let top = 0;
  while (top < h && data.subarray(top * w, top * w + w).indexOf(1) < 0) top++;
  if (top === h) return null;
  let bottom = h;
  while (data.subarray((bottom - 1) * w, bottom * w).indexOf(1) < 0) bottom--;
  let [left, right] = [w, 0];
  for (let y = top; y < bottom; y++) {
    const row = data.subarray(y * w, y * w + w);
    const first = row.indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1) + 1);
  }
  return { x: raster.x + left, y: raster.y + top, w: right - left, h: bottom - top };
}

export function count(raster: Raster): number {
  let sum = 0;
  for (const value of raster.data) sum += value;
  return sum;
}

/** Shared pixels over pixels of either; 1 for two empty ones. */
export function iou(a: Raster, b: Raster): number {
  const both = overlap(a, b);
  let shared = 0;
  if (both) {
    for (let y = both.y; y < both.y + both.h; y++) {
      for (let x = both.x; x < both.x + both.w; x++) if (covers(a, x, y) && covers(b, x, y)) shared++;
    }
  }
  const either = count(a) + count(b) - shared;
  return either ? shared / either : 1;
}

/** Sets what lies inside the rings (even-odd, by the middle of each pixel). */
export function fillRings(raster: Raster, rings: readonly (readonly Point[])[]): void {
  const rows: number[][] = Array.from({ length: raster.h }, () => []);
  for (const ring of rings) {
    ring.forEach((b, index) => {
      const a = ring[(index || ring.length) - 1]!;
      const [low, high] = a.y < b.y ? [a, b] : [b, a];
      const first = Math.max(Math.ceil(low.y - 0.5), raster.y);
      const end = Math.min(Math.ceil(high.y - 0.5), raster.y + raster.h);
      for (let y = first; y < end; y++) {
        rows[y - raster.y]!.push(low.x + ((y + 0.5 - low.y) * (high.x - low.x)) / (high.y - low.y));
      }
    });
  }
  rows.forEach((crossings, row) => {
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.min(Math.max(Math.ceil(crossings[i]! - 0.5) - raster.x, 0), raster.w);
      const to = Math.min(Math.max(Math.ceil(crossings[i + 1]! - 0.5) - raster.x, 0), raster.w);
      raster.data.fill(1, row * raster.w + from, row * raster.w + to);
    }
  });
}

/** The pixels of a closed shape, cut to the picture; null when it covers none. */
export function rasterOf(rings: readonly (readonly Point[])[], bounds: Rect, picture: Size): Raster | null {
  const raster = blank(pixelsOf(bounds, picture));
  fillRings(raster, rings);
  const inner = tight(raster);
  return inner && cut(raster, inner);
}
