/** Masks as pictures in their label's colour, painted by one call each. While a brush is at work only what it went over
 * is coloured anew. Far away, a large mask is coloured at every second, fourth, … pixel only. */
import { overlap, union, type Raster } from "../geometry/raster.ts";
import type { Point, Rect } from "../geometry/plane.ts";

interface Sprite {
  canvas: HTMLCanvasElement;
  colour: string;
  /** One pixel of the canvas per so many of the mask, each way. */
  step: number;
}
const LARGE = 1 << 20; // pixels from which on the distance decides how fine it is
const BUDGET = 24 << 20; // pixels of canvases kept (four bytes each)

const sprites = new Map<Raster, Sprite>();
const stale = new WeakMap<Raster, Rect>();
let kept = 0;

/** The brush went over this part of the raster. */
export function touched(raster: Raster, rect: Rect): void {
  const before = stale.get(raster);
  stale.set(raster, before ? union(before, rect) : rect);
}

/** A larger copy takes over the pixels: its picture is copied too, instead of coloured anew. */
export function regrown(from: Raster, to: Raster): void {
  const sprite = sprites.get(from);
  if (!sprite || from === to) return;
  const made = sized(to, sprite);
  made.canvas.getContext("2d")!.drawImage(sprite.canvas, (from.x - to.x) / sprite.step, (from.y - to.y) / sprite.step);
  const waiting = stale.get(from);
  drop(from);
  if (sprite.step > 1) return; // the grid of every second pixel may have moved: coloured anew
  keep(to, made);
  if (waiting) touched(to, waiting);
}

/** Paints the pixels with their upper left corner where they lie. */
export function paintPixels(context: CanvasRenderingContext2D, raster: Raster, colour: string, alpha: number, toScreen: (point: Point) => Point): void {
  if (!raster.w || !raster.h) return;
  const ratio = toScreen({ x: 1, y: 0 }).x - toScreen({ x: 0, y: 0 }).x;
  const step = raster.w * raster.h < LARGE ? 1 : 2 ** Math.max(Math.floor(Math.log2(1 / ratio)), 0);
  let sprite = sprites.get(raster);
  const waiting = stale.get(raster);
  if (!sprite || sprite.colour !== colour || sprite.step !== step) {
    drop(raster);
    sprite = sized(raster, { colour, step });
    colouring(raster, sprite, raster);
    keep(raster, sprite);
  } else {
    if (waiting) colouring(raster, sprite, waiting);
    sprites.delete(raster); // last used, last thrown out
    sprites.set(raster, sprite);
  }
  stale.delete(raster);
  const at = toScreen(raster);
  const far = toScreen({ x: raster.x + sprite.canvas.width * step, y: raster.y + sprite.canvas.height * step });
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = ratio * step < 1;
  context.drawImage(sprite.canvas, at.x, at.y, far.x - at.x, far.y - at.y);
  context.globalAlpha = 1;
}

function sized(raster: Raster, { colour, step }: { colour: string; step: number }): Sprite {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(raster.w / step);
  canvas.height = Math.ceil(raster.h / step);
  return { canvas, colour, step };
}

function keep(raster: Raster, sprite: Sprite): void {
  sprites.set(raster, sprite);
  kept += sprite.canvas.width * sprite.canvas.height;
  for (const old of sprites.keys()) {
    if (kept <= BUDGET || old === raster) break;
    drop(old);
  }
}

function drop(raster: Raster): void {
  const sprite = sprites.get(raster);
  if (!sprite) return;
  kept -= sprite.canvas.width * sprite.canvas.height;
  sprites.delete(raster);
  sprite.canvas.width = 0; // gives the memory back at once
}

/** "#rrggbb" as the four bytes of a pixel read as one number, opaque. */
function pixelOf(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
  return new Uint32Array(new Uint8Array([r, g, b, 255]).buffer)[0]!;
}

function colouring(raster: Raster, { canvas, colour, step }: Sprite, part: Rect): void {
  const rect = overlap(raster, part);
  if (!rect) return;
  const left = Math.floor((rect.x - raster.x) / step);
  const top = Math.floor((rect.y - raster.y) / step);
  const w = Math.min(Math.ceil((rect.x - raster.x + rect.w) / step), canvas.width) - left;
  const h = Math.min(Math.ceil((rect.y - raster.y + rect.h) / step), canvas.height) - top;
  if (w <= 0 || h <= 0) return;
  const image = new ImageData(w, h);
  const pixels = new Uint32Array(image.data.buffer);
  const ink = pixelOf(colour);
  for (let y = 0; y < h; y++) {
    for (let x = 0, from = (top + y) * step * raster.w + left * step; x < w; x++, from += step) {
      if (raster.data[from]) pixels[y * w + x] = ink;
    }
  }
  canvas.getContext("2d")!.putImageData(image, left, top);
}
