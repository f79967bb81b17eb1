/** What the page can do with a kind of object. A kind registers itself once; nothing else switches on `kind`. */
import type { Point, Rect, Size } from "../geometry/plane.ts";
import type { Raster } from "../geometry/raster.ts";
import type { AnyObject, Kind } from "../sync/bundle.ts";

export interface Handle {
  name: string;
  at: Point;
  cursor: string;
  /** How it looks: a square of a corner by default, a dot of a vertex, a faint dot that makes a new one, a ring that turns. */
  look?: "dot" | "new" | "turn";
}
/** Pairs of 0-based places of a keypoint object that are joined by a line. */
export type Edges = readonly (readonly [number, number])[];
/** What the hand holds down while it drags a handle. */
export interface How {
  shift?: boolean;
}

export interface Shape<O extends AnyObject = AnyObject> {
  kind: O["kind"];
  bounds(object: O): Rect;
  /** Whether a press at `point` means this object; `slack` in picture pixels. */
  hit(object: O, point: Point, slack: number): boolean;
  /** Adds the outline to the context's current path, in screen space. */
  trace(context: CanvasRenderingContext2D, object: O, toScreen: (point: Point) => Point, edges?: Edges): void;
  /** The rectangle when the outline is just that: drawn far quicker than a path. */
  upright?(object: O): Rect | null;
  /** Closed outlines are filled when selected. */
  closed: boolean;
  /** The pixels when it is made of them: painted as an area, under its outline. */
  raster?(object: O): Raster;
  moved(object: O, dx: number, dy: number, picture: Size): O;
  /** `unit`: picture pixels to one of the screen, for handles that lie beside the shape. */
  handles(object: O, unit?: number): Handle[];
  /** The object with one handle dragged to `to`; never outside the picture, never inside out. */
  dragged(object: O, handle: string, to: Point, picture: Size, how?: How): O;
  /** Without the point of that handle; null when too few would be left. Absent where points cannot be taken out. */
  without?(object: O, handle: string): O | null;
  /** As it lies when the rectangle `from` around it becomes `to`: resizing several together. */
  fitted?(object: O, from: Rect, to: Rect): O;
  /** Points and edges that others snap to: rings or lines of the outline. */
  lines?(object: O): { points: Point[]; closed: boolean }[];
  /** Short measure for the list, e.g. "174 × 150". */
  measure(object: O): string;
  /** Numbers a person may type instead of dragging: field name to value. */
  numbers(object: O): Record<string, number>;
  withNumber(object: O, name: string, value: number, picture: Size): O;
  /** Grown by (dw, dh) at the right and lower edge, for the keyboard. */
  sized(object: O, dw: number, dh: number, picture: Size): O;
}

const shapes = new Map<Kind, Shape>();

export function register<O extends AnyObject>(shape: Shape<O>): void {
  shapes.set(shape.kind, shape as unknown as Shape);
}

/** The shape of an object's kind; undefined for what has no place on the picture (a span, a relation). */
export function shapeOf(object: AnyObject): Shape | undefined {
  return shapes.get(object.kind);
}
