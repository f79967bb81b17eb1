/** What changed, and where answers differ, drawn over the picture: where things were, what is gone, what is new. */
import type { Bench } from "../bench.ts";
import type { Point } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { onScreen, paintObject, type Look } from "./paint.ts";

type Context = CanvasRenderingContext2D;
type Spot = [number, number];
type ToScreen = (point: Point) => Point;
const COLOUR = { added: "#12a150", removed: "#e5484d", moved: "#f0bd62", relabelled: "#8a6df2", attributes: "#3e9bff" } as const;
const SIGN = { added: "+", removed: "−", moved: "↔", relabelled: "⇄", attributes: "=" } as const;
/** Lines of the signs that not every font has, about the badge's middle. */
const DRAWN: Record<string, [Spot, ...Spot[]][]> = {
  "✓": [[[-4, 0], [-1, 3.5], [4, -3.5]]],
  "↔": [[[-5, 0], [5, 0]], [[-2.5, -2.5], [-5, 0], [-2.5, 2.5]], [[2.5, -2.5], [5, 0], [2.5, 2.5]]],
  "⇄": [[[-4.5, -2], [4.5, -2], [2, -4.5]], [[4.5, 2], [-4.5, 2], [-2, 4.5]]],
};
const SETTLED = "#5a6b6d";
/** One colour a side, apart from each other for all eyes. */
const SIDES = ["#0080ff", "#ff8c1a", "#b14ad6", "#12a150"];
/** And one outline style, for who does not tell colours apart. */
const DASHES = [[16, 5], [5, 5], [14, 4, 4, 4], [9, 3]];
export const colourOfSide = (side: number): string => SIDES[side % SIDES.length]!;
export const dashOfSide = (side: number): readonly number[] => DASHES[side % DASHES.length]!;

export function paintRound(context: Context, bench: Bench, toScreen: ToScreen): void {
  paintChanges(context, bench, toScreen);
  paintSides(context, bench, toScreen);
  paintSettled(context, bench, toScreen);
}

/** Where words of the last round were pinned that its author settled: the reviewer looks there first. */
function paintSettled(context: Context, bench: Bench, toScreen: ToScreen): void {
  if (!bench.round.shown.peek()) return;
  for (const { object, at } of bench.desk.bundle.peek()?.settled ?? []) {
    const about = object ? (bench.store.byId.peek().get(object) ?? bench.round.before.peek()?.objects.find(({ id }) => id === object)) : undefined;
    const bounds = about && shapeOf(about)?.bounds(about);
    const place = at ? { x: at[0], y: at[1] } : bounds ? { x: bounds.x + bounds.w, y: bounds.y } : null;
    if (!place) continue;
    const { x, y } = toScreen(place);
    badge(context, x, y, "✓", SETTLED);
  }
}

function paintChanges(context: Context, bench: Bench, toScreen: ToScreen): void {
  const { round, store } = bench;
  if (!round.shown.peek() || !round.changes.peek().length) return;
  const now = store.byId.peek();
  const was = new Map(round.before.peek()?.objects.map((object) => [object.id, object]));
  const marks = new Map<string, string[]>();
  for (const { id, change } of round.changes.peek()) {
    if (!id || store.hidden.peek().has(id)) continue;
    if (change === "removed" || change === "moved") ghost(context, was.get(id), COLOUR[change], toScreen, change === "removed");
    if (change === "added") frame(context, now.get(id), COLOUR.added, toScreen);
    marks.set(id, [...(marks.get(id) ?? []), change]);
  }
  for (const [id, kinds] of marks) {
    const object = now.get(id) ?? was.get(id);
    const bounds = object && shapeOf(object)?.bounds(object);
    if (!bounds) continue;
    const { x, y, w, h } = onScreen(bounds, toScreen);
    kinds.forEach((kind, place) => badge(context, x + w - place * 20, y + h, SIGN[kind as keyof typeof SIGN], COLOUR[kind as keyof typeof COLOUR]));
  }
}

function paintSides(context: Context, bench: Bench, toScreen: ToScreen): void {
  const { round, store } = bench;
  const { disputes, names } = round.sides.peek();
  const known = store.byId.peek();
  const decided = round.standing.peek();
  const signs: (() => void)[] = []; // over all lines
  disputes.forEach(({ has }, at) => {
    const here = at === round.at.peek();
    if (!here && decided[at] !== undefined) return; // no disagreement any more; what was taken is drawn as any object
    has.forEach((objects, side) => {
      for (const object of objects) {
        const colour = colourOfSide(side);
        if (!known.has(object.id)) ghost(context, object, colour, toScreen, false, dashOfSide(side));
        const bounds = shapeOf(object)?.bounds(object);
        if (!bounds) continue;
        const { x, y, w, h } = onScreen(bounds, toScreen);
        if (here) frame(context, object, colour, toScreen);
        signs.push(() => badge(context, x + w - side * 20, y + h, names[side]!, colour));
      }
    });
  });
  for (const sign of signs) sign();
}

/** As it was: dashed, crossed out when it is gone. */
function ghost(context: Context, object: AnyObject | undefined, colour: string, toScreen: ToScreen, out: boolean, dash?: readonly number[]): void {
  const shape = object && shapeOf(object);
  if (!object || !shape) return;
  const look: Look = { colour, name: "", strong: false, faulty: false, guess: true, tagged: false, ...(dash ? { dash } : {}) };
  paintObject(context, object, look, toScreen);
  if (!out) return;
  const { x, y, w, h } = onScreen(shape.bounds(object), toScreen);
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + w, y + h);
  context.moveTo(x + w, y);
  context.lineTo(x, y + h);
  context.stroke();
}

export function frame(context: Context, object: AnyObject | undefined, colour: string, toScreen: ToScreen): void {
  const shape = object && shapeOf(object);
  if (!object || !shape) return;
  const { x, y, w, h } = onScreen(shape.bounds(object), toScreen);
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.setLineDash([8, 4]);
  context.strokeRect(x - 4, y - 4, w + 8, h + 8);
  context.setLineDash([]);
}

export function badge(context: Context, x: number, y: number, text: string, colour: string): void {
  context.beginPath();
  context.arc(x, y, 9, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
  context.fillStyle = "#fff";
  context.font = "700 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  if (DRAWN[text]) {
    context.beginPath();
    for (const [[left, up], ...rest] of DRAWN[text]) {
      context.moveTo(x + left, y + up);
      for (const [right, down] of rest) context.lineTo(x + right, y + down);
    }
    context.stroke();
  } else context.fillText(text, x, y + 0.5);
  context.textAlign = "start";
}
