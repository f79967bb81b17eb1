/** The other ways from a box to an outline that were measured against the one built: a threshold, a watershed, and the
 * cheapest closed way around the middle. Each gives pixels of the patch. */
import { largest, withoutHoles } from "../../static/src/workbench/geometry/flood.ts";
import type { Rect } from "../../static/src/workbench/geometry/plane.ts";
import { blank, fillRings, type Raster } from "../../static/src/workbench/geometry/raster.ts";
import type { Patch } from "../../static/src/workbench/assist/colours.ts";

export function bare({ w, h }: Patch, box: Rect): Raster {
  const raster = blank({ x: 0, y: 0, w, h });
  const { x, y, w: bw, h: bh } = box;
  fillRings(raster, [[{ x, y }, { x: x + bw, y }, { x: x + bw, y: y + bh }, { x, y: y + bh }]]);
  return raster;
}

export function ellipse({ w, h }: Patch, box: Rect): Raster {
  const raster = blank({ x: 0, y: 0, w, h });
  fillRings(raster, [Array.from({ length: 64 }, (_, i) => ({
    x: box.x + (box.w / 2) * (1 + Math.cos((i * Math.PI) / 32)), y: box.y + (box.h / 2) * (1 + Math.sin((i * Math.PI) / 32)),
  }))]);
  return raster;
}

function grey({ w, h, data }: Patch): Float32Array {
  return Float32Array.from({ length: w * h }, (_, i) => 0.299 * data[i * 4]! + 0.587 * data[i * 4 + 1]! + 0.114 * data[i * 4 + 2]!);
}

/** Otsu's threshold of the brightness in the box; the side on which the middle lies is inside. */
export function threshold(patch: Patch, box: Rect): Raster | null {
  const light = grey(patch);
  const area = bare(patch, box);
  const counts = new Float64Array(256);
  light.forEach((value, i) => area.data[i] && counts[Math.min(255, Math.floor(value))]!++);
  const all = counts.reduce((a, b) => a + b);
  const total = counts.reduce((sum, many, value) => sum + many * value, 0);
  let [best, at, low, lowSum] = [-1, 0, 0, 0];
  for (let t = 0; t < 255; t++) {
    low += counts[t]!;
    lowSum += counts[t]! * t;
    if (!low || low === all) continue;
    const between = low * (all - low) * (lowSum / low - (total - lowSum) / (all - low)) ** 2;
    if (between > best) [best, at] = [between, t];
  }
  const middle = ellipse(patch, { x: box.x + box.w / 4, y: box.y + box.h / 4, w: box.w / 2, h: box.h / 2 });
  let [bright, seen] = [0, 0];
  middle.data.forEach((value, i) => value && (seen++, light[i]! >= at + 1 && bright++));
  const raster = blank(area);
  area.data.forEach((value, i) => (raster.data[i] = value && light[i]! >= at + 1 === bright * 2 > seen ? 1 : 0));
  const found = largest(raster);
  return found && withoutHoles(found);
}

/** Sobel's gradient of all three colours. */
function slope({ w, h, data }: Patch): Float32Array {
  const made = new Float32Array(w * h);
  const at = (x: number, y: number, c: number): number => data[(Math.min(Math.max(y, 0), h - 1) * w + Math.min(Math.max(x, 0), w - 1)) * 4 + c]!;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        const gx = at(x + 1, y - 1, c) + 2 * at(x + 1, y, c) + at(x + 1, y + 1, c) - at(x - 1, y - 1, c) - 2 * at(x - 1, y, c) - at(x - 1, y + 1, c);
        const gy = at(x - 1, y + 1, c) + 2 * at(x, y + 1, c) + at(x + 1, y + 1, c) - at(x - 1, y - 1, c) - 2 * at(x, y - 1, c) - at(x + 1, y - 1, c);
        sum += gx * gx + gy * gy;
      }
      made[y * w + x] = Math.sqrt(sum);
    }
  }
  return made;
}

/** Water rises over the gradient from the middle and from outside the box; where the two meet is the outline. */
export function watershed(patch: Patch, box: Rect): Raster | null {
  const { w, h } = patch;
  const height = slope(patch);
  const most = height.reduce((a, b) => Math.max(a, b), 1);
  const owner = new Uint8Array(w * h);
  const levels: number[][] = Array.from({ length: 256 }, () => []);
  const within = bare(patch, { x: box.x - box.w * 0.04, y: box.y - box.h * 0.04, w: box.w * 1.08, h: box.h * 1.08 });
  const core = ellipse(patch, { x: box.x + box.w * 0.25, y: box.y + box.h * 0.25, w: box.w / 2, h: box.h / 2 });
  const level = (i: number): number => Math.floor((height[i]! / most) * 255);
  for (let i = 0; i < owner.length; i++) {
    owner[i] = core.data[i] ? 1 : within.data[i] ? 0 : 2;
    if (owner[i]) levels[level(i)]!.push(i);
  }
  for (let now = 0; now < 256; now++) {
    const line = levels[now]!;
    for (let k = 0; k < line.length; k++) {
      const i = line[k]!;
      const x = i % w;
      for (const next of [x ? i - 1 : -1, x < w - 1 ? i + 1 : -1, i - w, i + w]) {
        if (next < 0 || next >= owner.length || owner[next]) continue;
        owner[next] = owner[i]!;
        levels[Math.max(level(next), now)]!.push(next);
      }
    }
  }
  return withoutHoles({ x: 0, y: 0, w, h, data: owner.map((one) => (one === 1 ? 1 : 0)) });
}

/** The cheapest closed way around the middle of the box, through strong edges, found among rays (a live-wire in polar space). */
export function around(patch: Patch, box: Rect): Raster | null {
  const { w, h } = patch;
  const height = slope(patch);
  const most = height.reduce((a, b) => Math.max(a, b), 1);
  const [rays, steps, jump] = [72, 40, 2];
  const [cx, cy] = [box.x + box.w / 2, box.y + box.h / 2];
  const place = (ray: number, step: number): { x: number; y: number } => {
    const angle = (ray * 2 * Math.PI) / rays;
    const share = 0.3 + (step / (steps - 1)) * 0.95; // of the ellipse in the box
    return { x: cx + (Math.cos(angle) * box.w * share) / 2, y: cy + (Math.sin(angle) * box.h * share) / 2 };
  };
  const cost = Array.from({ length: rays }, (_, ray) => Float32Array.from({ length: steps }, (_, step) => {
    const { x, y } = place(ray, step);
    if (x < 0 || y < 0 || x >= w || y >= h) return 1;
    const u = Math.abs(x - cx) / (box.w / 2), v = Math.abs(y - cy) / (box.h / 2);
    return 1 - height[Math.floor(y) * w + Math.floor(x)]! / most + (u > 1.08 || v > 1.08 ? 2 : 0);
  }));
  const path = (start: number): { sum: number; steps: number[] } => {
    let sums = new Float32Array(steps).fill(Infinity);
    sums[start] = cost[0]![start]!;
    const from: Int8Array[] = [];
    for (let ray = 1; ray <= rays; ray++) {
      const next = new Float32Array(steps).fill(Infinity);
      const back = new Int8Array(steps);
      for (let step = 0; step < steps; step++) {
        for (let d = -jump; d <= jump; d++) {
          const before = sums[step + d];
          if (before === undefined) continue;
          const sum = before + 0.05 * d * d + (ray < rays ? cost[ray]![step]! : 0);
          if (sum < next[step]!) [next[step], back[step]] = [sum, d];
        }
      }
      from.push(back);
      sums = next;
    }
    const way = [start];
    for (let ray = rays - 1, step = start; ray > 0; ray--) {
      step += from[ray]![step]!;
      way.push(step);
    }
    return { sum: sums[start]!, steps: way };
  };
  let best = { sum: Infinity, steps: [] as number[] };
  for (let start = 0; start < steps; start++) {
    const found = path(start);
    if (found.sum < best.sum) best = found;
  }
  const raster = blank({ x: 0, y: 0, w, h });
  fillRings(raster, [best.steps.map((step, index) => place(index ? rays - index : 0, step))]);
  return raster;
}
