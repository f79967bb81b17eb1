/** Filling: the bounded region around a pixel, and all holes of a mask. */
import type { Point } from "./plane.ts";
import { cut, overlap, type Raster } from "./raster.ts";

/** A border of nothing around the raster, so that what leads outside is seen to. */
function framed(raster: Raster): Raster {
  return cut(raster, { x: raster.x - 1, y: raster.y - 1, w: raster.w + 2, h: raster.h + 2 });
}

/** Marks with 2 what is connected (by edges) to index `start` and 0. True when it reaches the frame. */
function spread({ w, h, data }: Raster, start: number): boolean {
  const stack = [start];
  let out = false;
  data[start] = 2;
  while (stack.length) {
    const at = stack.pop()!;
    const x = at % w;
    const y = (at - x) / w;
    if (!x || !y || x === w - 1 || y === h - 1) out = true;
    if (x && !data[at - 1]) stack.push(mark(data, at - 1));
    if (x < w - 1 && !data[at + 1]) stack.push(mark(data, at + 1));
    if (y && !data[at - w]) stack.push(mark(data, at - w));
    if (y < h - 1 && !data[at + w]) stack.push(mark(data, at + w));
  }
  return out;
}

function mark(data: Uint8Array, at: number): number {
  data[at] = 2;
  return at;
}

/** The raster with the empty region around the pixel filled, or null when that region is not closed in by the raster and
 * `walls`, or the pixel is covered. What the walls cover is not filled. */
export function filledAt(raster: Raster, x: number, y: number, walls: readonly Raster[] = []): Raster | null {
  const all = walls.reduce<Raster>((frame, wall) => {
    const [left, top] = [Math.min(frame.x, wall.x), Math.min(frame.y, wall.y)];
    const [right, bottom] = [Math.max(frame.x + frame.w, wall.x + wall.w), Math.max(frame.y + frame.h, wall.y + wall.h)];
    return cut(frame, { x: left, y: top, w: right - left, h: bottom - top });
  }, raster);
  const ground = framed(all);
  for (const wall of walls) {
    const both = overlap(wall, ground)!;
    for (let row = both.y; row < both.y + both.h; row++) {
      for (let column = both.x; column < both.x + both.w; column++) {
        if (wall.data[(row - wall.y) * wall.w + column - wall.x]) ground.data[(row - ground.y) * ground.w + column - ground.x] = 1;
      }
    }
  }
  const [column, row] = [Math.floor(x) - ground.x, Math.floor(y) - ground.y];
  if (column < 1 || row < 1 || column >= ground.w - 1 || row >= ground.h - 1) return null;
  const start = row * ground.w + column;
  if (ground.data[start] || spread(ground, start)) return null;
  const made = cut(all, all);
  for (let line = 0; line < made.h; line++) {
    for (let i = 0; i < made.w; i++) if (ground.data[(line + 1) * ground.w + i + 1] === 2) made.data[line * made.w + i] = 1;
  }
  return made;
}

/** The raster without holes; itself when it has none. */
export function withoutHoles(raster: Raster): Raster {
  const ground = framed(raster);
  spread(ground, 0);
  const made = cut(raster, raster);
  let changed = false;
  for (let row = 0; row < made.h; row++) {
    for (let column = 0; column < made.w; column++) {
      if (ground.data[(row + 1) * ground.w + column + 1]) continue;
      made.data[row * made.w + column] = 1;
      changed = true;
    }
  }
  return changed ? made : raster;
}

/** The largest part that hangs together by edges, or of the parts with the most of the `wanted` places the largest; null when
 * nothing is covered. Places in pixels of the raster. */
export function largest(raster: Raster, wanted: readonly Point[] = []): Raster | null {
  const { w, data } = raster;
  const seen = new Uint8Array(data.length);
  const places = wanted.map(({ x, y }) => Math.floor(y) * w + Math.floor(x));
  let [best, most]: [number[], number] = [[], 0];
  for (let from = 0; from < data.length; from++) {
    if (!data[from] || seen[from]) continue;
    const part = [from];
    seen[from] = 1;
    for (let i = 0; i < part.length; i++) {
      const at = part[i]!;
      const x = at % w;
      for (const next of [x ? at - 1 : -1, x < w - 1 ? at + 1 : -1, at - w, at + w]) {
        if (next < 0 || next >= data.length || !data[next] || seen[next]) continue;
        seen[next] = 1;
        part.push(next);
      }
    }
    const held = places.length ? places.filter((place) => part.includes(place)).length : 0;
    if (held > most || (held === most && part.length > best.length)) [best, most] = [part, held];
  }
  if (!best.length) return null;
  const made: Raster = { ...raster, data: new Uint8Array(data.length) };
  for (const at of best) made.data[at] = 1;
  return made;
}
