/** Which objects the list shows and in which order. */
import { shapeOf } from "../shapes/shape.ts";
import type { Sort } from "../state/view.ts";
import type { AnyObject } from "../sync/bundle.ts";

export const SORTS: readonly Sort[] = ["drawn", "label", "size"];

export interface Listed {
  object: AnyObject;
  name: string;
}

function texts(value: unknown): string[] {
  return typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function sizeOf(object: AnyObject): number {
  const bounds = shapeOf(object)?.bounds(object);
  return bounds ? bounds.w * bounds.h : 0;
}

/** Rows whose name, label, kind or an attribute's text holds every word of the filter; `sort` is stable. */
export function arranged<R extends Listed>(rows: readonly R[], filter: string, sort: Sort): R[] {
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(({ object, name }) => {
    if (!words.length) return true;
    const quoted = texts((object as { text?: unknown }).text);
    const all = [name, object.label, object.kind, ...Object.values(object.attributes ?? {}).flatMap(texts), ...quoted].join("\n").toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
  if (sort === "label") return found.sort((a, b) => a.object.label.localeCompare(b.object.label));
  if (sort === "size") return found.sort((a, b) => sizeOf(b.object) - sizeOf(a.object));
  return found;
}
