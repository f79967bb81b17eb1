/** Drawing objects on a canvas, in CSS pixels of the stage. No state: what is drawn comes in. */
import type { Point, Rect } from "../geometry/plane.ts";
import { shapeOf, type Edges, type Handle } from "../shapes/shape.ts";
import { inkOn } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { paintPixels } from "./tint.ts";

export interface Look {
  colour: string;
  name: string;
  /** Chosen: thicker, filled. */
  strong: boolean;
  faulty: boolean;
  /** A model's guess, or placed between two frames, and no hand has touched it: dashed. */
  guess: boolean;
  tagged: boolean;
  /** Its own outline style, in pixels drawn and left out. */
  dash?: readonly number[];
  /** Lines of a keypoint label's skeleton. */
  edges?: Edges | undefined;
}
type Context = CanvasRenderingContext2D;
const FONT = '550 12px system-ui, "PingFang SC", "Noto Sans SC", sans-serif';
const HANDLE = 7;

/** `rough`: without the casing, while the picture moves. Many outlines of one look, with the context set twice for all of them. One path of thousands would be slower: its
 * parts overlap, and the rasteriser would work out their union. */
export function paintOutlines(context: Context, objects: readonly AnyObject[], look: Look, toScreen: (point: Point) => Point, rough = false): void {
  const shape = shapeOf(objects[0]!)!;
  if (shape.raster) {
    for (const object of objects) paintPixels(context, shape.raster(object), look.colour, look.guess ? 0.2 : 0.4, toScreen);
    if (!look.guess) return;
  }
  for (const casing of rough ? [false] : [true, false]) {
    pen(context, look, casing);
    for (const object of objects) {
      const rect = shape.upright?.(object);
      if (rect) {
        const { x, y, w, h } = onScreen(rect, toScreen);
        context.strokeRect(x, y, w, h);
        continue;
      }
      context.beginPath();
      shape.trace(context, object, toScreen, look.edges);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

function pen(context: Context, look: Look, casing: boolean): void {
  const width = look.strong ? 3 : 2;
  context.lineWidth = casing ? width + 2 : width;
  context.strokeStyle = casing ? casingFor(look.colour) : look.colour;
  context.setLineDash(casing ? [] : look.dash ? [...look.dash] : look.guess ? [6, 4] : []);
}

function casingFor(colour: string): string {
  return inkOn(colour) === "#fff" ? "rgb(255 255 255 / .55)" : "rgb(0 0 0 / .55)";
}

/** The line in its colour over a casing that shows on any ground. */
function strokeTwice(context: Context, look: Look): void {
  for (const casing of [true, false]) {
    pen(context, look, casing);
    context.stroke();
  }
  context.setLineDash([]);
}

/** One object by itself: chosen, hovered or under the hand. */
export function paintObject(context: Context, object: AnyObject, look: Look, toScreen: (point: Point) => Point): void {
  const shape = shapeOf(object);
  if (!shape) return;
  if (shape.raster) paintPixels(context, shape.raster(object), look.colour, look.strong ? 0.5 : 0.4, toScreen);
  context.beginPath();
  shape.trace(context, object, toScreen, look.edges);
  if (shape.closed && look.strong && !shape.raster) {
    context.globalAlpha = 0.14;
    context.fillStyle = look.colour;
    context.fill("evenodd");
    context.globalAlpha = 1;
  }
  strokeTwice(context, look);
  paintFault(context, object, look, toScreen);
  paintTag(context, object, look, toScreen);
}

/** A dotted frame around what is wrong; the list says why. */
export function paintFault(context: Context, object: AnyObject, look: Look, toScreen: (point: Point) => Point): void {
  const shape = shapeOf(object);
  if (!look.faulty || !shape) return;
  const { x, y, w, h } = onScreen(shape.bounds(object), toScreen);
  context.lineWidth = 2;
  context.strokeStyle = "#ff3b30";
  context.setLineDash([3, 3]);
  context.strokeRect(x - 5, y - 5, w + 10, h + 10);
  context.setLineDash([]);
}

export function onScreen(rect: Rect, toScreen: (point: Point) => Point): Rect {
  const a = toScreen(rect);
  const b = toScreen({ x: rect.x + rect.w, y: rect.y + rect.h });
  return { x: a.x, y: a.y, w: b.x - a.x, h: b.y - a.y };
}

/** The label's name over the upper left corner, inside when there is no room above. */
export function paintTag(context: Context, object: AnyObject, look: Look, toScreen: (point: Point) => Point): void {
  const shape = shapeOf(object);
  if (!look.tagged || !shape) return;
  const place = onScreen(shape.bounds(object), toScreen);
  if (!look.strong && Math.max(place.w, place.h) < 28) return; // smaller than its own name
  context.font = FONT;
  const text = look.faulty ? `! ${look.name}` : look.name;
  const width = Math.ceil(context.measureText(text).width) + 10;
  const top = place.y >= 20 ? place.y - 19 : place.y + 2;
  context.fillStyle = look.colour;
  context.beginPath();
  context.roundRect(place.x - 1, top, width, 17, 3);
  context.fill();
  context.fillStyle = inkOn(look.colour);
  context.textBaseline = "middle";
  context.fillText(text, place.x + 4, top + 9);
}

/** `bounds`: of what the handles belong to, in picture space. */
export function paintHandles(context: Context, handles: readonly Handle[], bounds: Rect, colour: string, toScreen: (point: Point) => Point): void {
  const { w, h } = onScreen(bounds, toScreen);
  const rim = inkOn(colour) === "#fff" ? colour : "#14191a";
  for (const { name, at, look } of handles) {
    // A small box keeps its corners; the edges' handles would cover it.
    if (name.length === 1 && (name === "n" || name === "s" ? w : h) < 36) continue;
    const { x, y } = toScreen(at);
    context.beginPath();
    if (look) context.arc(x, y, look === "new" ? 2.5 : look === "turn" ? 5 : 4, 0, 2 * Math.PI);
    else context.rect(Math.round(x - HANDLE / 2) - 0.5, Math.round(y - HANDLE / 2) - 0.5, HANDLE + 1, HANDLE + 1);
    context.globalAlpha = look === "new" ? 0.75 : 1;
    context.fillStyle = look === "turn" ? rim : "#fff";
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = look === "turn" ? "#fff" : rim;
    context.stroke();
    context.globalAlpha = 1;
  }
}

/** A comment's number, beside its place so that what it is about stays in sight. */
export function paintPin(context: Context, place: Point, number: number): void {
  const at = { x: place.x + 9, y: place.y - 9 };
  context.beginPath();
  context.arc(at.x, at.y, 10, 0, 2 * Math.PI);
  context.fillStyle = "#f0bd62";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = "#14191a";
  context.stroke();
  context.font = FONT;
  context.fillStyle = "#14191a";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(number), at.x, at.y + 1);
  context.textAlign = "start";
}

export function paintCross(context: Context, at: Point, stage: { w: number; h: number }): void {
  const [x, y] = [Math.round(at.x) + 0.5, Math.round(at.y) + 0.5];
  for (const [colour, dash] of [["rgb(0 0 0 / .5)", []], ["rgb(255 255 255 / .85)", [4, 4]]] as [string, number[]][]) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(stage.w, y);
    context.moveTo(x, 0);
    context.lineTo(x, stage.h);
    context.stroke();
  }
  context.setLineDash([]);
}

/** The box under the pen with its measure, in screen space. */
export function paintDrawn(context: Context, { x, y, w, h }: Rect, colour: string, measure: string): void {
  context.fillStyle = colour;
  context.globalAlpha = 0.14;
  context.fillRect(x, y, w, h);
  context.globalAlpha = 1;
  for (const [width, style] of [[4, "rgb(0 0 0 / .55)"], [2, colour]] as const) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.strokeRect(x, y, w, h);
  }
  context.font = FONT;
  const wide = context.measureText(measure).width + 10;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x + w - wide + 1, y + h + 4, wide, 17, 3);
  context.fill();
  context.fillStyle = inkOn(colour);
  context.textBaseline = "middle";
  context.fillText(measure, x + w - wide + 6, y + h + 13);
}
