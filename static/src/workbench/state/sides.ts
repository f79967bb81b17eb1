/** Answers of several people laid over each other: what they agree on, and the places where they do not. Pure. */
import type { AnnotationDocument, AnyObject, Attribute, Attributes, Bundle, RelationObject } from "../sync/bundle.ts";
import { agree, differing, equal, likeness, named, overlap } from "./likeness.ts";

export interface Side {
  label: string;
  objects: readonly AnyObject[];
  item?: Attributes;
}
/** One place of disagreement: what each side has there, in the order of the sides; perhaps nothing. */
export interface Dispute {
  has: readonly (readonly AnyObject[])[];
  /** Set when it is about the item as a whole: the attributes that differ (one, and those that depend on it), and what each side says. */
  item?: { names: readonly string[]; values: readonly Attributes[] };
}
/** How what the sides have at a place differs: some have nothing there, or another number of objects; the label; the place, with the
 * least overlap of any two; attributes, by name. */
export type Difference =
  | { kind: "missing"; sides: readonly number[] }
  | { kind: "number" }
  | { kind: "label" }
  | { kind: "moved"; iou: number | null }
  | { kind: "attributes"; names: readonly string[] };
export interface Sides {
  names: readonly string[];
  /** Objects that all have, as the first side drew them. */
  agreed: readonly AnyObject[];
  /** Attributes of the item that all gave alike. */
  item: Attributes;
  disputes: readonly Dispute[];
}
export const NO_SIDES: Sides = { names: [], agreed: [], item: {}, disputes: [] };
/** Taken at a disagreement: no side's, what is drawn by hand stands. */
export const NEITHER = -1;
const NEAR = 0.1;
/** From here on, one more of a side's is about the same thing. */
const SEVERAL = 0.3;

/** Each object of the first side that every other has too is agreed; the rest is gathered into places by overlap. */
export function compared(given: readonly Side[], schema: readonly Attribute[] = []): Sides {
  const names = new Map<string, string>();
  const left = given.map(({ objects }) => new Set(objects));
  const agreed: AnyObject[] = [];
  const settle = (one: AnyObject): void => {
    const twins = left.slice(1).map((rest) => best(one, [...rest].filter((other) => agree(one, other, names))));
    if (twins.some((twin) => !twin)) return;
    agreed.push(one);
    left[0]!.delete(one);
    twins.forEach((twin, index) => {
      left[index + 1]!.delete(twin!);
      names.set(twin!.id, one.id);
    });
  };
  const [objects, relations] = apart(given[0]?.objects ?? []);
  objects.forEach(settle);
  relations.forEach(settle); // once it is known whose object is which of the first side's
  const open = left.map((rest) => [...rest].map((object) => (object.kind === "relation" ? { ...object, from: named(names, object.from), to: named(names, object.to) } : object)));
  const about = (value: readonly string[]): Dispute["item"] => ({ names: value, values: given.map(({ item }) => Object.fromEntries(value.filter((name) => item?.[name] !== undefined).map((name) => [name, item![name]!]))) });
  const differ = differing(given.map(({ item }) => item));
  return {
    names: given.map(({ label }) => label),
    agreed,
    item: Object.fromEntries(Object.entries(given[0]?.item ?? {}).filter(([name]) => !differ.includes(name))),
    disputes: [...together(differ, schema).map((value): Dispute => ({ has: given.map(() => []), item: about(value)! })), ...places(open)],
  };
}

function apart(objects: readonly AnyObject[]): [AnyObject[], RelationObject[]] {
  return [objects.filter(({ kind }) => kind !== "relation"), objects.filter((one): one is RelationObject => one.kind === "relation")];
}

function best(one: AnyObject, others: readonly AnyObject[]): AnyObject | undefined {
  return others.reduce<AnyObject | undefined>((found, other) => (found && likeness(one, found) >= likeness(one, other) ? found : other), undefined);
}

/** Objects in places: what is most alike first, one of each side, then what is like it at all; where a side has several for one of
 * another, they stand together. What leads from or to a disputed object belongs to its place, for without it, it leads nowhere. */
function places(open: readonly (readonly AnyObject[])[]): Dispute[] {
  const loose = open.flatMap((rest, side) => rest.map((object) => ({ object, side })));
  const home = loose.map((_one, at) => at);
  const members = (place: number): number[] => home.flatMap((each, at) => (each === place ? [at] : []));
  const join = (one: number, other: number): void => {
    const [to, from] = [home[one]!, home[other]!];
    for (const at of members(from)) home[at] = to;
  };
  const apart = (one: number, other: number): boolean => {
    const sides = new Set(members(home[one]!).map((at) => loose[at]!.side));
    return home[one] !== home[other] && members(home[other]!).every((at) => !sides.has(loose[at]!.side));
  };
  const pairs = loose.flatMap((one, at) => loose.slice(at + 1).flatMap((other, after) => {
    const alike = one.side === other.side || [one, other].some(({ object }) => object.kind === "relation") ? 0 : likeness(one.object, other.object);
    return alike >= NEAR ? [{ one: at, other: at + 1 + after, alike }] : [];
  })).sort((a, b) => b.alike - a.alike);
  for (const { one, other } of pairs) if (apart(one, other)) join(one, other);
  for (const { one, other, alike } of pairs) if (alike >= SEVERAL && [one, other].some((at) => members(home[at]!).length === 1)) join(one, other);
  loose.forEach(({ object, side }, at) => {
    if (object.kind !== "relation") return;
    loose.forEach((other, to) => {
      const same = other.object.kind === "relation" && other.object.from === object.from && other.object.to === object.to;
      if (other.side === side ? leads(object, other.object) : same) join(to, at);
    });
  });
  return [...new Set(home)].map((place): Dispute => ({
    has: open.map((_side, side) => members(place).filter((at) => loose[at]!.side === side).map((at) => loose[at]!.object)),
  }));
}

const leads = (one: AnyObject, to: AnyObject): boolean => one.kind === "relation" && (one.from === to.id || one.to === to.id);

/** Attributes that only apply under another one that differs too are decided together with it. */
function together(names: readonly string[], schema: readonly Attribute[]): string[][] {
  const groups = names.map((name) => [name]);
  for (const { name, when } of schema) {
    for (const other of Object.keys(when ?? {})) {
      const [mine, theirs] = [name, other].map((one) => groups.find((group) => group.includes(one)));
      if (!mine || !theirs || mine === theirs) continue;
      theirs.push(...mine.splice(0));
    }
  }
  return groups.filter((group) => group.length);
}

/** Object by object where each side has one; of a question about the item nothing needs to be said beside the answers. */
export function differences({ has, item }: Dispute): Difference[] {
  if (item) return [];
  const found: Difference[] = [];
  const there = has.filter((objects) => objects.length);
  if (there.length < has.length) found.push({ kind: "missing", sides: has.flatMap((objects, side) => (objects.length ? [] : [side])) });
  if (there.some((objects) => objects.length !== there[0]!.length)) found.push({ kind: "number" });
  if (there.length < 2 || there.some((objects) => objects.length > 1)) return found;
  const [first, ...others] = there.map(([object]) => object!);
  if (others.some(({ label }) => label !== first!.label)) found.push({ kind: "label" });
  const names = new Map<string, string>();
  const apart = others.filter((other) => !agree({ ...first!, attributes: {} }, { ...other, label: first!.label, attributes: {} } as AnyObject, names));
  const pairs = there.flatMap(([one], at) => there.slice(at + 1).map(([other]) => overlap(one!, other!)));
  if (apart.length) found.push({ kind: "moved", iou: pairs.includes(null) ? null : Math.min(...(pairs as number[])) });
  const attributes = differing([first!, ...others].map((one) => one.attributes));
  if (attributes.length) found.push({ kind: "attributes", names: attributes });
  return found;
}

/** The place of disagreement that has the object, and whose it is; of what all agree on, none. */
export function placed({ disputes }: Sides, id: string): { at: number; side: number } | null {
  for (const [at, { has }] of disputes.entries()) {
    const side = has.findIndex((objects) => objects.some((object) => object.id === id));
    if (side >= 0) return { at, side };
  }
  return null;
}

export function sidesOf(bundle: Bundle): Sides {
  if (!bundle.answers?.length) return NO_SIDES;
  return compared(bundle.answers.map(({ label, annotation }) => ({ label, objects: annotation.objects, item: annotation.item })), bundle.schema.item);
}

/** Where an adjudicator begins: with what all agree on. */
export function agreedOn(bundle: Bundle): AnnotationDocument {
  const { agreed, item } = sidesOf(bundle);
  return { objects: [...agreed], item: { ...item } };
}

/** How a disagreement stands in a document: the side it follows, `NEITHER` for own words, undefined while it is open.
 * `said`: what was taken last; the document has the last word, for that may have been undone. */
export function standing({ has, item }: Dispute, document: AnnotationDocument, said: number | undefined): number | undefined {
  if (item) {
    if (item.names.some((name) => document.item[name] !== undefined)) {
      return item.values.findIndex((values) => item.names.every((name) => equal(values[name], document.item[name])));
    }
    return said === undefined || said === NEITHER || !Object.keys(item.values[said]!).length ? said : undefined;
  }
  const there = new Set(document.objects.map(({ id }) => id));
  const present = has.flatMap((objects, side) => (objects.some(({ id }) => there.has(id)) ? [side] : []));
  if (present.length === 1) return present[0];
  if (present.length > 1 || said === undefined) return said;
  return said === NEITHER || !has[said]!.length ? said : undefined;
}
