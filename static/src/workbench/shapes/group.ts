/** Several objects in one frame: moved by one step that all can take, resized together about the frame's far side. */
import { grown, rectOf, type Point, type Rect, type Size } from "../geometry/plane.ts";
import type { AnyObject, BoxObject } from "../sync/bundle.ts";
import { fitted as cut } from "./box.ts";
import { shapeOf, type Handle } from "./shape.ts";

export function frameOf(objects: readonly AnyObject[]): Rect | null {
  const places = objects.flatMap((object) => {
    const rect = shapeOf(object)?.bounds(object);
    return rect ? [{ x: rect.x, y: rect.y }, { x: rect.x + rect.w, y: rect.y + rect.h }] : [];
  });
  return places.length ? rectOf(places) : null;
}

function asBox({ x, y, w, h }: Rect): BoxObject {
  return { id: "", kind: "box", label: "", box: [x, y, w, h] };
}

export function groupHandles(objects: readonly AnyObject[], unit: number): Handle[] {
  const frame = frameOf(objects);
  return frame ? shapeOf(asBox(frame))!.handles(asBox(grown(frame, 6 * unit))) : [];
}

/** The frame is kept inside the picture, so that the objects keep their places to each other. */
export function movedTogether(objects: readonly AnyObject[], dx: number, dy: number, picture: Size): AnyObject[] {
  const frame = frameOf(objects);
  if (!frame) return [];
  const box = shapeOf(asBox(frame))!.moved(asBox(frame), dx, dy, picture) as BoxObject;
  const [ddx, ddy] = [box.box[0] - frame.x, box.box[1] - frame.y];
  return objects.map((object) => shapeOf(object)?.moved(object, ddx, ddy, picture) ?? object);
}

export function draggedTogether(objects: readonly AnyObject[], handle: string, to: Point, picture: Size): AnyObject[] {
  const frame = frameOf(objects);
  if (!frame) return [];
  const next = shapeOf(asBox(frame))!.dragged(asBox(frame), handle, to, picture) as BoxObject;
  return fittedTogether(objects, frame, { x: next.box[0], y: next.box[1], w: next.box[2], h: next.box[3] });
}

export function sizedTogether(objects: readonly AnyObject[], dw: number, dh: number, picture: Size): AnyObject[] {
  const frame = frameOf(objects);
  if (!frame) return [];
  return fittedTogether(objects, frame, cut({ ...frame, w: Math.max(frame.w + dw, 1), h: Math.max(frame.h + dh, 1) }, picture));
}

function fittedTogether(objects: readonly AnyObject[], from: Rect, to: Rect): AnyObject[] {
  return objects.map((object) => shapeOf(object)?.fitted?.(object, from, to) ?? object);
}
