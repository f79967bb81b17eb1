/** Areas joined and cut. Rings are open (the first point is not repeated); an area is an outer ring and its holes. */
import clipping from "polygon-clipping";
import type { Point, Size } from "./plane.ts";

export interface Area {
  outer: Point[];
  holes: Point[][];
}
type Pair = [number, number];
type Rings = Pair[][];

function ringsOf({ outer, holes }: Area): Rings {
  return [outer, ...holes].map((ring) => ring.map(({ x, y }): Pair => [x, y]));
}
function areaOf(rings: Rings): Area {
  // The library closes its rings by repeating the first point.
  const [outer, ...holes] = rings.map((ring) => ring.slice(0, -1).map(([x, y]) => ({ x, y })));
  return { outer: outer ?? [], holes };
}

/** The areas that these cover together: one when all touch. Throws when the library gives up on degenerate input. */
export function union(areas: readonly Area[]): Area[] {
  const [first, ...rest] = areas.map(ringsOf);
  return first ? clipping.union(first, ...rest).map(areaOf) : [];
}

/** What of the area lies in the picture: a turned box may stick out at its corners, an outline may not. */
export function inside(area: Area, { w, h }: Size): Area[] {
  if (area.outer.every(({ x, y }) => x >= 0 && y >= 0 && x <= w && y <= h)) return [area];
  return clipping.intersection(ringsOf(area), [[[0, 0], [w, 0], [w, h], [0, h]]]).map(areaOf);
}

/** What lies on either side of the line through a and b: pieces to its left, then to its right. Throws as `union` does. */
export function cut(area: Area, a: Point, b: Point): Area[] {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (!length) return [area];
  const along = { x: (b.x - a.x) / length, y: (b.y - a.y) / length };
  const far = 4 * Math.max(...[...area.outer, a, b].flatMap(({ x, y }) => [Math.abs(x), Math.abs(y), 1]));
  const [start, end]: [Pair, Pair] = [[a.x - along.x * far, a.y - along.y * far], [a.x + along.x * far, a.y + along.y * far]];
  return [-1, 1].flatMap((side) => {
    const [nx, ny] = [-along.y * far * side, along.x * far * side];
    const half: Rings = [[start, end, [end[0] + nx, end[1] + ny], [start[0] + nx, start[1] + ny]]];
    return clipping.intersection(ringsOf(area), half).map(areaOf);
  });
}
