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

/** The refused document's faults that still stand: what was changed since may be right now. */
export function standing(fields: Record<string, string>, then: AnnotationDocument, now: AnnotationDocument): Faults {
  const all = sortFaults(fields, then);
  if (then === now) return all;
  const before = new Map(then.objects.map((object) => [object.id, object]));
  const same = new Set(now.objects.filter((object) => before.get(object.id) === object).map(({ id }) => id));
  return {
    objects: new Map([...all.objects].filter(([id]) => same.has(id))),
    item: new Map([...all.item].filter(([name]) => then.item[name] === now.item[name])),
    other: all.other,
  };
}

/** Both together; where both speak of one field, the second does. */
export function joined(a: Faults, b: Faults): Faults {
  const objects = new Map(a.objects);
  for (const [id, fields] of b.objects) objects.set(id, new Map([...(objects.get(id) ?? []), ...fields]));
  return { objects, item: new Map([...a.item, ...b.item]), other: [...a.other, ...b.other] };
}
