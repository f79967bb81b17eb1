/** Masks: shown as they are, chosen and deleted whole. COCO's compressed run lengths, column by column (labels/masks.py). */
import type { Rect } from "../geometry/plane.ts";
import type { OtherObject } from "../sync/bundle.ts";
import { register, type Shape } from "./shape.ts";

interface Column {
  x: number;
  top: number;
  bottom: number;
}
interface Read {
  columns: Column[];
  bounds: Rect;
  area: number;
}
const read = new WeakMap<object, Read>();

/** Run lengths of the text, zeros first; an empty list when it is none. */
export function runs(counts: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < counts.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more && at < counts.length) {
      const group = counts.charCodeAt(at++) - 48;
      value |= (group & 0x1f) << shift;
      more = (group & 0x20) !== 0;
      shift += 5;
      if (!more && group & 0x10) value |= -1 << shift;
    }
    if (found.length > 2) value += found.at(-2)!;
    if (value < 0) return [];
    found.push(value);
  }
  return found;
}

export function columnsOf(counts: string, height: number): Column[] {
  const columns: Column[] = [];
  let at = 0;
  runs(counts).forEach((length, index) => {
    const end = at + length;
    while (index % 2 && at < end) {
      const x = Math.floor(at / height);
      const stop = Math.min(end, (x + 1) * height);
      columns.push({ x, top: at - x * height, bottom: stop - x * height });
      at = stop;
    }
    at = end;
  });
  return columns;
}

function rowsOf(object: OtherObject): Read {
  const known = read.get(object);
  if (known) return known;
  const rle = object.rle as { size?: [number, number]; counts?: string } | undefined;
  const columns = rle?.counts && rle.size?.[0] ? columnsOf(rle.counts, rle.size[0]) : [];
  let [left, top, right, bottom, area] = [Infinity, Infinity, 0, 0, 0];
  for (const column of columns) {
    left = Math.min(left, column.x);
    right = Math.max(right, column.x + 1);
    top = Math.min(top, column.top);
    bottom = Math.max(bottom, column.bottom);
    area += column.bottom - column.top;
  }
  const bounds = columns.length ? { x: left, y: top, w: right - left, h: bottom - top } : { x: 0, y: 0, w: 0, h: 0 };
  const made = { columns, bounds, area };
  read.set(object, made);
  return made;
}

const mask: Shape<OtherObject> = {
  kind: "mask",
  closed: true,
  filled: true,
  bounds: (object) => rowsOf(object).bounds,
  hit: (object, { x, y }) => rowsOf(object).columns.some((one) => one.x <= x && x < one.x + 1 && one.top <= y && y < one.bottom),
  trace(context, object, toScreen) {
    for (const { x, top, bottom } of rowsOf(object).columns) {
      const a = toScreen({ x, y: top });
      const b = toScreen({ x: x + 1, y: bottom });
      context.rect(a.x, a.y, b.x - a.x + 0.5, b.y - a.y);
    }
  },
  moved: (object) => object,
  handles: () => [],
  dragged: (object) => object,
  measure: (object) => `${rowsOf(object).area} px`,
  numbers: () => ({}),
  withNumber: (object) => object,
  sized: (object) => object,
};

register(mask);
