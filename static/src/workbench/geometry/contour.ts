/** From pixels to rings: the exact outline along pixel edges, made simpler within a tolerance (Douglas–Peucker). */
import { fromSegment, inPolygon, rectOf, within, type Point } from "./plane.ts";
import type { Raster } from "./raster.ts";

export interface Outline {
  ring: Point[];
  holes: Point[][];
}

/** Edges of so many pixels that meet are a corner, not a stair. */
const CORNER = 3;
const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const; // right, down, left, up

/** The next covered pixel of the row, from `from` on, with nothing covered above it; -1 when there is none. */
function topOf(data: Uint8Array, w: number, row: number, from: number): number {
  const end = (row + 1) * w;
  for (let at = from; at < end; ) {
    // Above the first row is nothing; else by the engine's own search, which passes over the inside of large masks quickly.
    if (row && data[at - w]) {
      const next = data.indexOf(0, at - w);
      if (next < 0 || next + w >= end) return -1;
      at = next + w;
    }
    if (data[at]) return at;
    const next = data.indexOf(1, at);
    if (next < 0 || next >= end) return -1;
    at = next;
    if (!row || !data[at - w]) return at;
  }
  return -1;
}

/** Every border between covered and not, with the covered side on the right hand: outer rings turn clockwise on the
 * screen, holes the other way. Parts that touch at a corner only are apart. */
export function rings(raster: Raster): Point[][] {
  const { x: left, y: top, w, h, data } = raster;
  const seen = new Uint8Array(data.length);
  const set = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < w && y < h && data[y * w + x] === 1;
  const found: Point[][] = [];
  for (let row = 0; row < h; row++) {
    for (let at = topOf(data, w, row, row * w); at >= 0; at = topOf(data, w, row, at + 1)) {
      if (seen[at]) continue;
      const ring: Point[] = [];
      let [x, y, way] = [at - row * w, row, 0];
      const startX = x;
      do {
        if (way === 0) seen[y * w + x] = 1;
        x += STEPS[way]![0];
        y += STEPS[way]![1];
        const right = way === 0 ? set(x, y) : way === 1 ? set(x - 1, y) : way === 2 ? set(x - 1, y - 1) : set(x, y - 1);
        const ahead = way === 0 ? set(x, y - 1) : way === 1 ? set(x, y) : way === 2 ? set(x - 1, y) : set(x - 1, y - 1);
        if (right && !ahead) continue;
        ring.push({ x: x + left, y: y + top });
        way = (way + (right ? 3 : 1)) % 4;
      } while (x !== startX || y !== row || way !== 0);
      found.push(ring);
    }
  }
  return found;
}

/** Twice the area, positive when the ring turns clockwise on the screen. */
export function turn(ring: readonly Point[]): number {
  return ring.reduce((sum, b, index) => {
    const a = ring[(index || ring.length) - 1]!;
    return sum + a.x * b.y - b.x * a.y;
  }, 0);
}

/** Marks in `kept` which points between `first` and `last` (indices modulo the length) stay. */
function thin(points: readonly Point[], first: number, last: number, tolerance: number, kept: Uint8Array): void {
  const spans = [[first, last]];
  const n = points.length;
  while (spans.length) {
    const [from, to] = spans.pop()!;
    let [worst, at] = [tolerance, -1];
    for (let i = from! + 1; i < to!; i++) {
      const off = fromSegment(points[i % n]!, points[from! % n]!, points[to! % n]!);
      if (off > worst) [worst, at] = [off, i];
    }
    if (at < 0) continue;
    kept[at % n] = 1;
    spans.push([from!, at], [at, to!]);
  }
}

/** The closed ring with fewer points, none of the dropped ones farther than `tolerance` from it. Never fewer than three. */
export function simplified(ring: readonly Point[], tolerance: number): Point[] {
  if (tolerance <= 0 || ring.length <= 3) return ring.slice();
  const far = (from: number): number => {
    let [most, at] = [-1, 0];
    ring.forEach((point, index) => {
      const off = (point.x - ring[from]!.x) ** 2 + (point.y - ring[from]!.y) ** 2;
      if (off > most) [most, at] = [off, index];
    });
    return at;
  };
  // Two points far from each other stay for sure; where the tracing happened to begin does not matter.
  const a = far(0);
  const b = far(a);
  const kept = new Uint8Array(ring.length);
  kept[a] = kept[b] = 1;
  const [low, high] = a < b ? [a, b] : [b, a];
  thin(ring, low, high, tolerance, kept);
  thin(ring, high, low + ring.length, tolerance, kept);
  const made = ring.filter((_, index) => kept[index]);
  return made.length >= 3 && Math.abs(turn(made)) > 1e-6 ? made : ring.slice();
}

/** The middles of the ring's pixel edges, so that a slanted border becomes a line where its pixels are stairs; corners of
 * two longer edges stay. */
function smoothed(ring: readonly Point[]): Point[] {
  const n = ring.length;
  const length = (at: number): number => Math.abs(ring[at % n]!.x - ring[(at + n - 1) % n]!.x) + Math.abs(ring[at % n]!.y - ring[(at + n - 1) % n]!.y);
  return ring.flatMap((b, index) => {
    const a = ring[(index + n - 1) % n]!;
    const steps = length(index);
    const at = (step: number): Point => ({ x: a.x + ((b.x - a.x) * step) / steps, y: a.y + ((b.y - a.y) * step) / steps });
    const middles = steps > 1 ? [at(0.5), at(steps - 0.5)] : [at(0.5)];
    return steps >= CORNER && length(index + 1) >= CORNER ? [...middles, b] : middles;
  });
}

/** One outline per part of the mask, the largest first; holes go with the part they are in. Holes smaller than `least`
 * square pixels, and parts as small, are left out unless nothing else is there. Tolerance 0 gives the pixels' own edges. */
export function outlines(raster: Raster, tolerance: number, least = 0): Outline[] {
  const simpler = (ring: Point[]): Point[] => (tolerance > 0 && ring.length > 4 ? simplified(smoothed(ring), tolerance) : ring);
  const all = rings(raster).map((ring) => ({ ring, twice: turn(ring) }));
  const outer = all.filter(({ twice }) => twice > 0).sort((a, b) => b.twice - a.twice);
  const made = outer.map(({ ring, twice }) => ({ ring, twice, box: rectOf(ring), holes: [] as Point[][] }));
  for (const { ring, twice } of all) {
    if (twice > 0 || -twice < 2 * least) continue;
    const inside = middleOf(ring);
    const owner = made.findLast(({ box, ring: around }) => within(box, inside) && inPolygon(inside, around));
    owner?.holes.push(simpler(ring));
  }
  const kept = made.filter(({ twice }, index) => index === 0 || twice >= 2 * least);
  return kept.map(({ ring, holes }) => ({ ring: simpler(ring), holes }));
}

/** A point just inside a hole: beside its first edge, on the side that is not covered. */
function middleOf(ring: readonly Point[]): Point {
  const [a, b] = [ring[0]!, ring[1]!];
  const [dx, dy] = [Math.sign(b.x - a.x), Math.sign(b.y - a.y)];
  return { x: a.x + dx / 2 + dy / 2, y: a.y + dy / 2 - dx / 2 }; // the left hand
}
