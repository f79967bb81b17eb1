/** Where a point sticks: the nearest corner of a neighbour within reach, else the nearest place on one of its edges. */
import { clamp, distance, type Point } from "./plane.ts";

export interface Line {
  points: readonly Point[];
  closed: boolean;
}

/** The nearest place on the segment a–b. */
export function onSegment(point: Point, a: Point, b: Point): Point {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const t = length ? clamp(((point.x - a.x) * dx + (point.y - a.y) * dy) / length, 0, 1) : 0;
  return { x: a.x + t * dx, y: a.y + t * dy };
}

/** `point`, or what it sticks to. `reach` in the units of the points. Corners win over edges. */
export function snapped(point: Point, lines: readonly Line[], reach: number): Point {
  let [corner, cornerFar, edge, edgeFar]: [Point | null, number, Point | null, number] = [null, reach, null, reach];
  for (const { points, closed } of lines) {
    points.forEach((here, i) => {
      const far = distance(here, point);
      if (far <= cornerFar) [corner, cornerFar] = [here, far];
      const next = points[i + 1] ?? (closed ? points[0] : undefined);
      if (!next) return;
      const place = onSegment(point, here, next);
      const off = distance(place, point);
      if (off <= edgeFar) [edge, edgeFar] = [place, off];
    });
  }
  return corner ?? edge ?? point;
}
