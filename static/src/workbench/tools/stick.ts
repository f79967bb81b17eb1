/** A place that sticks to the neighbours' corners and edges, and stays in the picture. */
import type { Bench } from "../bench.ts";
import { clampPoint, grown, type Point } from "../geometry/plane.ts";
import { snapped } from "../geometry/snap.ts";
import { shapeOf } from "../shapes/shape.ts";
import { REACH } from "./tool.ts";

/** `but`: an object that does not count, since it is the one being shaped. */
export function stuck(bench: Bench, at: Point, but: string | null = null, sticks = true): Point {
  if (!sticks) return clampPoint(at, bench.viewport.picture);
  const reach = REACH / bench.viewport.scale;
  const near = bench.near(grown({ ...at, w: 0, h: 0 }, reach));
  const lines = near.filter(({ id }) => id !== but).flatMap((object) => shapeOf(object)?.lines?.(object) ?? []);
  return clampPoint(snapped(at, lines, reach), bench.viewport.picture);
}
