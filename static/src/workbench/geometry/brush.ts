/** A round brush on pixels: what lies within the radius of the way from a to b is set or wiped. */
import type { Point, Rect, Size } from "./plane.ts";
import { covers, cut, overlap, pixelsOf, union, type Raster } from "./raster.ts";

/** The pixels a stroke may touch, inside the picture. */
export function reach(a: Point, b: Point, radius: number, picture: Size): Rect {
  const [x, y] = [Math.min(a.x, b.x) - radius, Math.min(a.y, b.y) - radius];
  return pixelsOf({ x, y, w: Math.abs(a.x - b.x) + 2 * radius, h: Math.abs(a.y - b.y) + 2 * radius }, picture);
}

/** The raster, or a larger copy of it when `rect` leaves it. It grows generously, so that a long stroke seldom copies. */
export function roomy(raster: Raster, rect: Rect, picture: Size): Raster {
  if (!rect.w || !rect.h) return raster;
  const all = raster.w && raster.h ? union(raster, rect) : rect;
  if (all.w === raster.w && all.h === raster.h) return raster;
  const [mx, my] = [Math.max(32, all.w >> 2), Math.max(32, all.h >> 2)];
  return cut(raster, pixelsOf({ x: all.x - mx, y: all.y - my, w: all.w + 2 * mx, h: all.h + 2 * my }, picture));
}

/** Sets (or wipes) the pixels under the brush; what `others` cover stays as it is. Gives the rectangle gone over, or null. */
export function stamp(raster: Raster, a: Point, b: Point, radius: number, value: 0 | 1, others: readonly Raster[] = []): Rect | null {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const [left, top] = [Math.min(a.x, b.x) - radius, Math.min(a.y, b.y) - radius];
  const around = {
    x: Math.floor(left), y: Math.floor(top),
    w: Math.ceil(Math.max(a.x, b.x) + radius) - Math.floor(left), h: Math.ceil(Math.max(a.y, b.y) + radius) - Math.floor(top),
  };
  const area = overlap(raster, around);
  if (!area) return null;
  const near = others.filter((other) => overlap(other, area));
  const limit = Math.max(radius * radius, 0.5); // the finest brush still meets the pixel it is in
  for (let y = area.y; y < area.y + area.h; y++) {
    const py = y + 0.5 - a.y;
    const row = (y - raster.y) * raster.w - raster.x;
    for (let x = area.x; x < area.x + area.w; x++) {
      const px = x + 0.5 - a.x;
      const t = length ? Math.min(Math.max((px * dx + py * dy) / length, 0), 1) : 0;
      const [ex, ey] = [px - t * dx, py - t * dy];
      if (ex * ex + ey * ey > limit || near.some((other) => covers(other, x, y))) continue;
      raster.data[row + x] = value;
    }
  }
  return area;
}
