/** What a tool is: it hears the pointer, may paint on the active layer, and lets go on Escape. */
import type { Point } from "../geometry/plane.ts";
import type { Bench } from "../bench.ts";

export interface Press {
  /** In picture space, not cut to the picture. */
  at: Point;
  screen: Point;
  shift: boolean;
  alt: boolean;
  ctrl: boolean;
}

export interface Tool {
  down(press: Press): void;
  /** Also without a button held. */
  move(press: Press): void;
  up(press: Press): void;
  /** True when there was something to let go of. */
  cancel(): boolean;
  cursor(press: Press | null): string;
  paint?(context: CanvasRenderingContext2D): void;
  /** Ends a drawing of several clicks with what is there; true when there was one. Enter. */
  finish?(): boolean;
  /** Takes the last click of an unfinished drawing back; true when there was one. Backspace and Ctrl+Z. */
  back?(): boolean;
  /** Leaves out the next place of an ordered drawing, or changes how the next one counts (keypoints). */
  skip?(): boolean;
  toggle?(): boolean;
}

/** Screen pixels a hand may shake between press and release of a click. */
export const SHAKE = 4;
/** Screen pixels around a handle or an outline that count as on it. */
export const REACH = 7;

export type MakeTool = (bench: Bench) => Tool;
