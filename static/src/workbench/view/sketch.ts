/** What is under the pen before it is an object: lines, dots and frames in screen space. */
import type { Point, Rect } from "../geometry/plane.ts";

type Context = CanvasRenderingContext2D;
const CASING = "rgb(0 0 0 / .55)";

/** An unfinished outline; its inside is tinted when it is closed. */
export function sketchPath(context: Context, points: readonly Point[], closed: boolean, colour: string): void {
  context.beginPath();
  points.forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  if (closed) {
    context.closePath();
    context.globalAlpha = 0.14;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }
  for (const [width, style] of [[4, CASING], [2, colour]] as const) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke();
  }
}

/** The clicks so far; with `open`, the first is larger: a click on it ends the outline. */
export function sketchDots(context: Context, points: readonly Point[], open: boolean, colour: string): void {
  points.forEach(({ x, y }, i) => {
    context.beginPath();
    context.arc(x, y, open && i === 0 ? 6 : 3.5, 0, 2 * Math.PI);
    context.fillStyle = open && i === 0 ? "#fff" : colour;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = open && i === 0 ? colour : "#fff";
    context.stroke();
  });
}

/** The frame around what is to be chosen, or around several chosen objects. */
export function sketchFrame(context: Context, { x, y, w, h }: Rect, filled: boolean): void {
  if (filled) {
    context.fillStyle = "rgb(0 128 255 / .12)";
    context.fillRect(x, y, w, h);
  }
  for (const [style, dash] of [["rgb(0 0 0 / .6)", []], ["#fff", [4, 4]]] as [string, number[]][]) {
    context.lineWidth = 1;
    context.strokeStyle = style;
    context.setLineDash(dash);
    context.strokeRect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(w), Math.round(h));
  }
  context.setLineDash([]);
}

/** Which keypoint comes next, beside the pointer. */
export function sketchHint(context: Context, at: Point, text: string): void {
  context.font = '550 12px system-ui, "PingFang SC", "Noto Sans SC", sans-serif';
  const width = Math.ceil(context.measureText(text).width) + 12;
  context.fillStyle = "rgb(20 25 26 / .85)";
  context.beginPath();
  context.roundRect(at.x + 14, at.y + 14, width, 20, 4);
  context.fill();
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(text, at.x + 20, at.y + 25);
}

/** A place that a person said belongs (+) or does not (−). */
export function sketchMark(context: Context, { x, y }: Point, belongs: boolean): void {
  context.beginPath();
  context.arc(x, y, 6.5, 0, 2 * Math.PI);
  context.fillStyle = belongs ? "#fff" : "#14191a";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = belongs ? "#14191a" : "#fff";
  context.stroke();
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 3, y);
  context.lineTo(x + 3, y);
  if (belongs) context.moveTo(x, y - 3);
  if (belongs) context.lineTo(x, y + 3);
  context.stroke();
}

/** The point that the keys move. */
export function sketchRing(context: Context, { x, y }: Point): void {
  for (const [width, style] of [[5, "#14191a"], [2.5, "#ffd54a"]] as const) {
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke();
  }
}
