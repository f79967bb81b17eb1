/** The quick outline: which part of the picture is looked at, how finely, and the object in it as rings in picture space. */
import { outlines, type Outline } from "../geometry/contour.ts";
import type { Point, Rect, Size } from "../geometry/plane.ts";
import { pixelsOf } from "../geometry/raster.ts";
import type { Patch } from "./colours.ts";
import { begun, cutOut, type Cut } from "./cut.ts";
import { corrected, type Mark } from "./refine.ts";

/** Pixels that are looked at, at most: the time goes with them. */
const MOST = 112 * 112;
/** Share of the box's longer side that is looked at around it, for the colours of what is outside. */
const AROUND = 0.25;
/** A picture that is looked at more coarsely has larger stairs: they go, unless every pixel is asked for. */
const STAIR = 0.5;

/** The pixels of the picture to look at for a box. */
export function framed(box: Rect, picture: Size): Rect {
  const by = Math.max(4, AROUND * Math.max(box.w, box.h));
  return pixelsOf({ x: box.x - by, y: box.y - by, w: box.w + 2 * by, h: box.h + 2 * by }, picture);
}

/** The size in which a frame is looked at: its own, or a smaller one of the same proportions. */
export function sizeFor(frame: Size): Size {
  const scale = Math.min(1, Math.sqrt(MOST / (frame.w * frame.h)));
  return { w: Math.max(Math.round(frame.w * scale), 1), h: Math.max(Math.round(frame.h * scale), 1) };
}

/** A frame of a whole picture in the size for it, each pixel the mean of those that it stands for. */
export function fitted(whole: Patch, frame: Rect): Patch {
  const { w, h } = sizeFor(frame);
  const data = new Uint8ClampedArray(w * h * 4);
  for (let y = 0; y < h; y++) {
    const [top, bottom] = [Math.floor((y * frame.h) / h), Math.max(Math.floor(((y + 1) * frame.h) / h), Math.floor((y * frame.h) / h) + 1)];
    for (let x = 0; x < w; x++) {
      const [left, right] = [Math.floor((x * frame.w) / w), Math.max(Math.floor(((x + 1) * frame.w) / w), Math.floor((x * frame.w) / w) + 1)];
      const sum = [0, 0, 0];
      for (let v = top; v < bottom; v++) {
        for (let u = left; u < right; u++) {
          const from = ((frame.y + v) * whole.w + frame.x + u) * 4;
          for (let c = 0; c < 3; c++) sum[c]! += whole.data[from + c]!;
        }
      }
      const many = (bottom - top) * (right - left);
      for (let c = 0; c < 3; c++) data[(y * w + x) * 4 + c] = sum[c]! / many;
    }
  }
  return { w, h, data };
}

/** An object that was found: the part of the picture that was looked at, the cut of its pixels and a person's marks, in picture space. */
export interface Found {
  frame: Rect;
  cut: Cut;
  marks: readonly Mark[];
}

/** The object in the box, or null when none stands out. `patch`: the frame's pixels, see above. */
export function findIn(patch: Patch, frame: Rect, box: Rect): Found | null {
  const [sx, sy] = [frame.w / patch.w, frame.h / patch.h];
  const cut = begun(patch, { x: (box.x - frame.x) / sx, y: (box.y - frame.y) / sy, w: box.w / sx, h: box.h / sy });
  return cut && { frame, cut, marks: [] };
}

/** The same with one more place that belongs, or does not. */
export function marked({ frame, cut, marks }: Found, mark: Mark): Found {
  const [sx, sy] = [frame.w / cut.found.w, frame.h / cut.found.h];
  const all = [...marks, mark];
  return { frame, cut: corrected(cut, all.map(({ x, y, belongs }) => ({ x: (x - frame.x) / sx, y: (y - frame.y) / sy, belongs }))), marks: all };
}

/** The object as rings in picture space, or null when it is too small to have any. */
export function outlineOf({ frame, cut: { found }, marks }: Found, tolerance: number): Outline | null {
  const [sx, sy] = [frame.w / found.w, frame.h / found.h];
  const part = outlines(found, Math.max(tolerance / Math.max(sx, sy), tolerance && STAIR), marks.length ? 1 : 4)[0];
  if (!part) return null;
  const place = ({ x, y }: Point): Point => ({ x: frame.x + x * sx, y: frame.y + y * sy });
  return { ring: part.ring.map(place), holes: part.holes.map((hole) => hole.map(place)) };
}

export function outlineIn(patch: Patch, frame: Rect, box: Rect, tolerance: number): Outline | null {
  const found = findIn(patch, frame, box);
  return found && outlineOf(found, tolerance);
}

let warmed = false;
/** Lets the browser translate the code before it is needed: the first outline would take several times as long. */
export function warm(): void {
  if (warmed) return;
  warmed = true;
  const [w, h] = [48, 48];
  const data = Uint8ClampedArray.from({ length: w * h * 4 }, (_, i) => ((i >> 2) % w > 12 && (i >> 2) % w < 36 ? 160 : 60) + ((i * 7919) % 23));
  for (let i = 0; i < 3; i++) cutOut({ w, h, data }, { x: 12, y: 8, w: 24, h: 32 });
}
