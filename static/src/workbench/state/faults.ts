/** What the server or the schema finds wrong, sorted by what it is about. Paths: "objects.<id>.box", "objects[3]", "item.weather". */
import type { AnnotationDocument } from "../sync/bundle.ts";

export interface Faults {
  /** Object id → field below the object ("" for the whole) → why. */
  objects: ReadonlyMap<string, ReadonlyMap<string, string>>;
  item: ReadonlyMap<string, string>;
  other: readonly string[];
}
export const NO_FAULTS: Faults = { objects: new Map(), item: new Map(), other: [] };

export function sortFaults(fields: Record<string, string>, document: AnnotationDocument): Faults {
  const objects = new Map<string, Map<string, string>>();
  const item = new Map<string, string>();
  const other: string[] = [];
  for (const [path, why] of Object.entries(fields)) {
    const named = /^(?:annotation\.)?objects(?:\.([^.[\]]+)|\[(\d+)\])\.?(.*)$/.exec(path);
    const id = named && (named[1] ?? document.objects[Number(named[2])]?.id);
    const about = /^(?:annotation\.)?item\.(.+)$/.exec(path);
    if (id) objects.set(id, (objects.get(id) ?? new Map<string, string>()).set(named[3]!, why));
    else if (about) item.set(about[1]!, why);
    else other.push(`${path}: ${why}`);
  }
  return { objects, item, other };
}
