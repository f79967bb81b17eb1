/** The pixels of mask objects: decoded once, the last used ones kept, so that a long history of large masks stays small. */
import type { Rect, Size } from "../geometry/plane.ts";
import { tight, type Raster } from "../geometry/raster.ts";
import type { AnyObject, MaskObject } from "../sync/bundle.ts";
import { areaOf, boundsOf, pixelsFrom, runs, runsOf, shifted, textOf } from "./rle.ts";

export interface Pixels {
  raster: Raster;
  /** The smallest rectangle around what is covered; the raster may be larger. */
  bounds: Rect;
  area: number;
  /** The bytes are another object's too: whoever changes them copies first. */
  shared?: boolean;
}

const BUDGET = 64 << 20; // bytes of pixels kept

class Kept {
  private readonly known = new Map<object, Pixels>();
  private bytes = 0;

  get(object: object): Pixels | undefined {
    const found = this.known.get(object);
    if (!found) return undefined;
    this.known.delete(object); // last used, last thrown out
    this.known.set(object, found);
    return found;
  }

  set(object: object, pixels: Pixels): void {
    this.take(object);
    this.known.set(object, pixels);
    this.bytes += pixels.raster.data.length;
    for (const old of this.known.keys()) {
      if (this.bytes <= BUDGET || old === object) break;
      this.take(old);
    }
  }

  take(object: object): Pixels | undefined {
    const found = this.known.get(object);
    if (found && this.known.delete(object)) this.bytes -= found.raster.data.length;
    return found;
  }
}
const kept = new Kept();
/** Small, and asked for all masks at each frame: kept as long as the object is. */
const frames = new WeakMap<object, { bounds: Rect; area: number }>();

export function isMask(object: AnyObject | null | undefined): object is MaskObject {
  return object?.kind === "mask";
}

function lengthsOf(object: MaskObject): number[] {
  return object.rle?.counts && object.rle.size?.[0] ? runs(object.rle.counts) : [];
}

/** Bounds and area without decoding to pixels. */
export function frameOf(object: MaskObject): { bounds: Rect; area: number } {
  const known = frames.get(object);
  if (known) return known;
  const lengths = lengthsOf(object);
  const made = { bounds: boundsOf(lengths, object.rle?.size?.[0] || 1), area: areaOf(lengths) };
  frames.set(object, made);
  return made;
}

/** What is given back is shared: to change it, copy it or `detach` it. */
export function pixelsOfMask(object: MaskObject): Pixels {
  const known = kept.get(object);
  if (known) return known;
  const { bounds, area } = frameOf(object);
  const made = { raster: pixelsFrom(lengthsOf(object), object.rle?.size?.[0] || 1, bounds), bounds, area };
  kept.set(object, made);
  return made;
}

/** The object's pixels for the caller to change; the object's own are decoded again when asked for. */
export function detach(object: MaskObject): Raster {
  const { raster, shared } = pixelsOfMask(object);
  kept.take(object);
  return shared ? { ...raster, data: raster.data.slice() } : raster;
}

/** Shows these pixels as the object's while they change under the hand; its text does not follow. */
export function attach(object: MaskObject, raster: Raster, bounds: Rect): void {
  adopt(object, { raster, bounds, area: 0 });
}

/** These are the object's pixels, known without decoding its text. */
export function adopt(object: MaskObject, pixels: Pixels): void {
  frames.set(object, { bounds: pixels.bounds, area: pixels.area });
  kept.set(object, pixels);
}

/** What a document keeps of the pixels, or null when none is covered. */
export function encoded(raster: Raster, picture: Size): { rle: MaskObject["rle"]; pixels: Pixels } | null {
  const bounds = tight(raster);
  if (!bounds) return null;
  const lengths = runsOf(raster, picture);
  return { rle: { size: [picture.h, picture.w], counts: textOf(lengths) }, pixels: { raster, bounds, area: areaOf(lengths) } };
}

/** The object moved by whole pixels, which must keep it in the picture. */
export function movedBy(object: MaskObject, dx: number, dy: number): MaskObject {
  const [h, w] = object.rle.size;
  const counts = textOf(shifted(lengthsOf(object), dx * h + dy, w * h));
  const made = { ...object, rle: { size: object.rle.size, counts } };
  const from = pixelsOfMask(object);
  from.shared = true;
  const { raster, bounds, area } = from;
  const place = { ...bounds, x: bounds.x + dx, y: bounds.y + dy };
  adopt(made, { raster: { ...raster, x: raster.x + dx, y: raster.y + dy }, bounds: place, area, shared: true });
  return made;
}
