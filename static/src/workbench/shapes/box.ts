/** Boxes, upright or turned: `rotation` is degrees clockwise, as seen, about the centre of the box; `box` is the box before it is turned. */
import { centre, clamp, rectOf, rounded, turned, within, type Point, type Rect, type Size } from "../geometry/plane.ts";
import type { BoxObject } from "../sync/bundle.ts";
import { register, type Handle, type Shape } from "./shape.ts";

/** A box narrower than this many picture pixels is a slip of the hand. */
export const LEAST = 1;

export function rectangle(object: BoxObject): Rect {
  const [x, y, w, h] = object.box;
  return { x, y, w, h };
}

export function corners(object: BoxObject): Point[] {
  const rect = rectangle(object);
  const { x, y, w, h } = rect;
  const upright = [{ x, y }, { x: x + w, y }, { x: x + w, y: y + h }, { x, y: y + h }];
  return object.rotation ? upright.map((point) => turned(point, centre(rect), object.rotation!)) : upright;
}

function withRect(object: BoxObject, { x, y, w, h }: Rect): BoxObject {
  return { ...object, box: [rounded(x), rounded(y), rounded(w), rounded(h)] };
}

/** The rectangle cut to the picture, not smaller than the least box. */
export function fitted(rect: Rect, picture: Size): Rect {
  const x = clamp(rect.x, 0, Math.max(picture.w - LEAST, 0));
  const y = clamp(rect.y, 0, Math.max(picture.h - LEAST, 0));
  const right = clamp(rect.x + rect.w, x + LEAST, Math.max(picture.w, x + LEAST));
  const bottom = clamp(rect.y + rect.h, y + LEAST, Math.max(picture.h, y + LEAST));
  return { x, y, w: right - x, h: bottom - y };
}

/** Handle name to which edges it holds: -1 the low one, 1 the high one, 0 neither. */
const HOLDS: Record<string, [number, number]> = {
  nw: [-1, -1], n: [0, -1], ne: [1, -1], e: [1, 0], se: [1, 1], s: [0, 1], sw: [-1, 1], w: [-1, 0],
};
const CURSORS = ["ew-resize", "nwse-resize", "ns-resize", "nesw-resize"];

function cursorOf([hx, hy]: [number, number], rotation: number): string {
  const degrees = (Math.atan2(hy, hx) * 180) / Math.PI + rotation;
  return CURSORS[((Math.round(degrees / 45) % 4) + 4) % 4]!;
}

/** Screen pixels from the upper edge to the handle that turns the box. */
const ARM = 26;
/** With Shift, a box turns by steps of this many degrees. */
const STEP = 15;

/** The box turned to `degrees` clockwise; 0 leaves no trace. */
export function turnedTo(object: BoxObject, degrees: number): BoxObject {
  const { rotation: _, ...upright } = object;
  const rotation = rounded((((degrees % 360) + 360) % 360)) % 360;
  return rotation ? { ...upright, rotation } : upright;
}

function stretched(low: number, length: number, hold: number, to: number): [number, number] {
  if (hold < 0) {
    const edge = Math.min(to, low + length - LEAST);
    return [edge, low + length - edge];
  }
  return hold > 0 ? [low, Math.max(to - low, LEAST)] : [low, length];
}

const box: Shape<BoxObject> = {
  kind: "box",
  closed: true,
  bounds: (object) => (object.rotation ? rectOf(corners(object)) : rectangle(object)),

  upright: (object) => (object.rotation ? null : rectangle(object)),

  hit(object, point, slack) {
    const rect = rectangle(object);
    return within(rect, turned(point, centre(rect), -(object.rotation ?? 0)), slack);
  },

  trace(context, object, toScreen) {
    const [first, ...rest] = corners(object).map(toScreen);
    context.moveTo(first!.x, first!.y);
    for (const { x, y } of rest) context.lineTo(x, y);
    context.closePath();
  },

  moved(object, dx, dy, picture) {
    const rect = rectangle(object);
    const around = box.bounds(object);
    // The shift is cut, not the box: a box pushed at the rim keeps its size.
    const cut = (shift: number, low: number, length: number, end: number): number =>
      clamp(shift, Math.min(-low, 0), Math.max(end - low - length, 0));
    return withRect(object, {
      ...rect,
      x: rect.x + cut(dx, around.x, around.w, picture.w),
      y: rect.y + cut(dy, around.y, around.h, picture.h),
    });
  },

  lines: (object) => [{ points: corners(object), closed: true }],

  fitted(object, from, to) {
    const rect = rectangle(object);
    const [kx, ky] = [from.w ? to.w / from.w : 1, from.h ? to.h / from.h : 1];
    if (!object.rotation) return withRect(object, { x: to.x + (rect.x - from.x) * kx, y: to.y + (rect.y - from.y) * ky, w: rect.w * kx, h: rect.h * ky });
    // A turned box cannot be stretched askew: it grows along its own sides as far as they follow the frame's.
    const [cos, sin] = [Math.abs(Math.cos((object.rotation * Math.PI) / 180)), Math.abs(Math.sin((object.rotation * Math.PI) / 180))];
    const middle = centre(rect);
    const [w, h] = [rect.w * Math.hypot(kx * cos, ky * sin), rect.h * Math.hypot(kx * sin, ky * cos)];
    const [x, y] = [to.x + (middle.x - from.x) * kx, to.y + (middle.y - from.y) * ky];
    return withRect(object, { x: x - w / 2, y: y - h / 2, w, h });
  },

  handles(object, unit = 0): Handle[] {
    const rect = rectangle(object);
    const middle = centre(rect);
    const turn: Handle[] = unit ? [{ name: "turn", at: turned({ x: middle.x, y: rect.y - ARM * unit }, middle, object.rotation ?? 0), cursor: "grab", look: "turn" }] : [];
    return [...turn, ...Object.entries(HOLDS).map(([name, hold]) => ({
      name,
      at: turned(
        { x: middle.x + (hold[0] * rect.w) / 2, y: middle.y + (hold[1] * rect.h) / 2 }, middle, object.rotation ?? 0,
      ),
      cursor: cursorOf(hold, object.rotation ?? 0),
    }))];
  },

  dragged(object, handle, to, picture, how) {
    const rect = rectangle(object);
    const middle = centre(rect);
    if (handle === "turn") {
      const degrees = (Math.atan2(to.y - middle.y, to.x - middle.x) * 180) / Math.PI + 90;
      return turnedTo(object, how?.shift ? Math.round(degrees / STEP) * STEP : Math.round(degrees * 10) / 10);
    }
    const rotation = object.rotation ?? 0;
    const local = turned(to, middle, -rotation);
    const [hx, hy] = HOLDS[handle]!;
    const [x, w] = stretched(rect.x, rect.w, hx, local.x);
    const [y, h] = stretched(rect.y, rect.h, hy, local.y);
    if (!rotation) return withRect(object, fitted({ x, y, w, h }, picture));
    // The centre moved within the turned frame: turn it about the old one, so that the opposite edge stands still.
    const next = turned(centre({ x, y, w, h }), middle, rotation);
    return withRect(object, { x: next.x - w / 2, y: next.y - h / 2, w, h });
  },

  measure: ({ box: [, , w, h], rotation }) => `${Math.round(w)} × ${Math.round(h)}${rotation ? ` ∠${Math.round(rotation)}°` : ""}`,

  numbers: ({ box: [x, y, w, h], rotation }) => ({ x, y, w, h, rotation: rotation ?? 0 }),

  withNumber(object, name, value, picture) {
    if (name === "rotation") {
      return turnedTo(object, value);
    }
    const rect = { ...rectangle(object), [name]: value };
    if (name === "x") rect.x = clamp(value, 0, Math.max(picture.w - rect.w, 0));
    if (name === "y") rect.y = clamp(value, 0, Math.max(picture.h - rect.h, 0));
    return withRect(object, object.rotation ? { ...rect, w: Math.max(rect.w, LEAST), h: Math.max(rect.h, LEAST) } : fitted(rect, picture));
  },

  sized(object, dw, dh, picture) {
    const rect = rectangle(object);
    const grown = { ...rect, w: Math.max(rect.w + dw, LEAST), h: Math.max(rect.h + dh, LEAST) };
    return withRect(object, object.rotation ? grown : fitted(grown, picture));
  },
};

register(box);
