/** Copies: beside the original, or over to another item. What is copied belongs to the page and ends with it, so that the
 * next person at this browser does not find it. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { meets } from "../geometry/plane.ts";
import { frameOf, movedTogether } from "../shapes/group.ts";
import { shapeOf } from "../shapes/shape.ts";
import { labelOf } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";

/** Screen pixels between a copy and what it would cover. */
const BESIDE = 12;
let copied: readonly AnyObject[] = [];

/** Of a person's own hand, and another thing than the original: without its track. */
function fresh(object: AnyObject): AnyObject {
  const { source: _s, model: _m, score: _c, track: _t, ...rest } = object;
  return { ...rest, id: identifier() } as AnyObject;
}

export function copyObjects(bench: Bench): void {
  const chosen = bench.store.selection.peek().filter((object) => shapeOf(object));
  if (!chosen.length) return;
  copied = chosen;
  bench.tell("copied", "info", { n: chosen.length });
}

export function hasCopies(): boolean {
  return copied.length > 0;
}

/** Puts in what was copied, at the same place; beside it when the same lies there already. */
export function pasteObjects(bench: Bench): void {
  put(bench, copied);
}

export function duplicateObjects(bench: Bench): void {
  put(bench, bench.store.selection.peek().filter((object) => shapeOf(object)));
}

function put(bench: Bench, objects: readonly AnyObject[]): void {
  const { picture, scale } = bench.viewport;
  const whole = { x: 0, y: 0, ...picture };
  const known = objects.filter((object) => labelOf(bench.schema, object.label)?.kinds.includes(object.kind));
  // A mask is as large as its picture: it fits none of another size.
  const fitting = known.filter((object) => {
    const size = object.kind === "mask" ? (object.rle as { size?: number[] } | undefined)?.size : null;
    return (!size || (size[0] === picture.h && size[1] === picture.w)) && meets(shapeOf(object)!.bounds(object), whole);
  });
  if (!fitting.length) return bench.tell("nothing_pasted", "warn");
  const frame = frameOf(fitting)!;
  const there = bench.store.document.peek().objects;
  const covers = fitting.some((object) => there.some((one) => one.kind === object.kind && same(one, object)));
  const [dx, dy] = covers ? [BESIDE / scale, BESIDE / scale] : [0, 0];
  // At the rim a copy goes the other way, or it would cover the original after all.
  const [sx, sy] = [frame.x + frame.w + dx > picture.w ? -dx : dx, frame.y + frame.h + dy > picture.h ? -dy : dy];
  const made = movedTogether(fitting.map(fresh), sx, sy, picture);
  if (!bench.store.putAll(made)) return;
  bench.choose(null);
  bench.store.selectAll(made.map(({ id }) => id));
  if (fitting.length < objects.length) bench.tell("some_pasted", "warn", { n: objects.length - fitting.length });
}

function same(a: AnyObject, b: AnyObject): boolean {
  const [here, there] = [shapeOf(a)!.bounds(a), shapeOf(b)!.bounds(b)];
  return here.x === there.x && here.y === there.y && here.w === there.w && here.h === there.h;
}
