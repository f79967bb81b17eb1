/** Brush and eraser. Strokes go on with the chosen mask, else begin a new one; each is one step back. Objects under the
 * brush never get in the way. Alt does the other of the two; Shift joins the last stroke's end by a straight line. */
import type { Bench } from "../bench.ts";
import { others, store, target } from "../actions/masks.ts";
import { reach, roomy, stamp } from "../geometry/brush.ts";
import type { Point, Rect } from "../geometry/plane.ts";
import { blank, union, type Raster } from "../geometry/raster.ts";
import { changed, changing } from "../shapes/mask.ts";
import { attach, detach, frameOf, isMask } from "../shapes/pixels.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { MaskObject } from "../sync/bundle.ts";
import { paintPixels, regrown, touched } from "../view/tint.ts";
import type { MakeTool, Press, Tool } from "./tool.ts";

interface Stroke {
  base: MaskObject | null;
  /** Stands in for the mask while it is painted. */
  preview: MaskObject;
  raster: Raster;
  bounds: Rect;
  value: 0 | 1;
  apart: Raster[];
  last: Point;
}

function painter(bench: Bench, usual: 0 | 1): Tool {
  let stroke: Stroke | null = null;
  let ended: Point | null = null;
  const { ui } = bench;

  const begin = (press: Press): void => {
    const value = press.alt ? (1 - usual) as 0 | 1 : usual;
    let base = target(bench);
    if (!base && !value) {
      // Nothing chosen to wipe from: the mask under the hand is meant.
      base = bench.under(press.at).find(isMask) ?? null;
      if (!base) return bench.tell("erase_needs", "warn");
      bench.choose(base.id);
    }
    if (!base && !labelOf(bench.schema, ui.label.peek())?.kinds.includes("mask")) return bench.tell("mask_label", "warn");
    const { w, h } = bench.viewport.picture;
    const fields = base ?? ({ id: "", kind: "mask", label: ui.label.peek() } as MaskObject);
    const apart = value ? others(bench, base) : [];
    const bounds = base ? frameOf(base).bounds : { x: 0, y: 0, w: 0, h: 0 };
    const raster = base ? detach(base) : blank({ x: 0, y: 0, w: 0, h: 0 });
    const preview: MaskObject = { ...fields, rle: { size: [h, w], counts: "" } };
    const start = press.shift && ended ? ended : press.at;
    stroke = { base, preview, raster, bounds, value, apart, last: start };
    changing(raster);
    paint(press.at);
    ui.preview.value = preview;
  };

  const paint = (to: Point): void => {
    if (!stroke) return;
    const { picture } = bench.viewport;
    const radius = ui.painting.size.peek() / 2;
    const { last, value } = stroke;
    if (value) {
      const larger = roomy(stroke.raster, reach(last, to, radius, picture), picture);
      if (larger !== stroke.raster) {
        regrown(stroke.raster, larger);
        changing(larger);
        stroke.raster = larger;
      }
    }
    const gone = stamp(stroke.raster, last, to, radius, value, stroke.apart);
    stroke.last = to;
    if (gone) {
      touched(stroke.raster, gone);
      if (value) stroke.bounds = stroke.bounds.w ? union(stroke.bounds, gone) : gone;
    }
    attach(stroke.preview, stroke.raster, stroke.bounds);
  };

  const drop = (): Stroke | null => {
    const had = stroke;
    stroke = null;
    if (had) {
      ui.preview.value = null;
      changed(had.raster);
    }
    return had;
  };

  return {
    down: begin,
    move(press) {
      paint(press.at);
    },
    up(press) {
      paint(press.at);
      const done = drop();
      if (!done) return;
      ended = press.at;
      store(bench, done.base, done.raster);
    },
    cancel: () => drop() !== null,
    cursor: () => "crosshair",
    paint(context) {
      // A new mask is no chosen object yet, which the stage would paint.
      if (stroke && !stroke.base) paintPixels(context, stroke.raster, colourOf(bench.schema, stroke.preview.label), 0.5, bench.viewport.toScreen);
      const at = ui.pointer.peek();
      if (!at) return;
      const { x, y } = bench.viewport.toScreen(at);
      const radius = Math.max((ui.painting.size.peek() / 2) * bench.viewport.scale, 1);
      for (const [width, style] of [[3, "rgb(0 0 0 / .55)"], [1.5, usual ? colourOf(bench.schema, ui.label.peek()) : "#fff"]] as const) {
        context.lineWidth = width;
        context.strokeStyle = style;
        context.setLineDash(usual ? [] : [4, 3]);
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
      context.setLineDash([]);
    },
  };
}

export const brushTool: MakeTool = (bench) => painter(bench, 1);
export const eraserTool: MakeTool = (bench) => painter(bench, 0);
