/** Questions to the schema: colours, keys, which attributes count now, what a document still lacks. */
import type { AnnotationDocument, AnyObject, Attribute, Attributes, AttributeValue, Kind, Label, Option, SchemaDocument } from "../sync/bundle.ts";

/** The look's label colours in the server's order (labels/schema.py), for labels that name none. */
const COLOURS = [
  "#de5308", "#0080ff", "#329270", "#ff4cb0", "#9fbd00", "#681bd9",
  "#ffc09e", "#12fffa", "#a00e71", "#98b7ff", "#794800", "#f8ff42",
];
const UNKNOWN = "#8a9497";

export function colourOf(schema: SchemaDocument, name: string): string {
  const index = schema.labels.findIndex((label) => label.name === name);
  if (index < 0) return UNKNOWN;
  return schema.labels[index]!.color ?? COLOURS[index % COLOURS.length]!;
}

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function inkOn(colour: string): "#000" | "#fff" {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! > 0.179 ? "#000" : "#fff";
}

/** A label's key: its own unless an action has it, else the next free digit. Keys as `actions/keys.ts` writes them. */
export function labelKeys(schema: SchemaDocument, taken: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  const used = new Set(taken);
  for (const { name, hotkey } of schema.labels) {
    if (!hotkey) continue;
    const key = /[A-Z]/.test(hotkey) ? `shift+${hotkey.toLowerCase()}` : hotkey;
    if (used.has(key)) continue;
    used.add(key);
    found.set(name, key);
  }
  const digits = [..."1234567890"].filter((digit) => !used.has(digit));
  for (const { name } of schema.labels) {
    if (!found.has(name) && digits.length) found.set(name, digits.shift()!);
  }
  return new Map(schema.labels.filter(({ name }) => found.has(name)).map(({ name }) => [name, found.get(name)!]));
}

/** The first question of choice about the item that counts now, its first ten options by digit: "1" is the first. */
export function choiceKeys(schema: SchemaDocument, values: Attributes): { name: string; keys: Map<string, string>; multiple: boolean } | null {
  const attribute = schema.item?.find((one) => one.type === "choice" && applies(one, values));
  if (!attribute) return null;
  const keys = new Map(optionsOf(attribute).slice(0, 10).map(({ name }, index) => [name, "1234567890"[index]!]));
  return { name: attribute.name, keys, multiple: attribute.multiple === true };
}

/** The value after an option was pressed: one of several is added or taken out, the only one is set or taken back. */
export function pressedOption(value: AttributeValue | undefined, option: AttributeValue, multiple: boolean): AttributeValue | undefined {
  if (!multiple) return value === option ? undefined : option;
  const chosen = Array.isArray(value) ? value : [];
  const next = chosen.includes(option as string) ? chosen.filter((name) => name !== option) : [...chosen, option as string];
  return next.length ? next : undefined;
}

export function labelOf(schema: SchemaDocument, name: string): Label | undefined {
  return schema.labels.find((label) => label.name === name);
}

/** Labels that an object of this kind may have. */
export function labelsFor(schema: SchemaDocument, kind: Kind): Label[] {
  return schema.labels.filter((label) => label.kinds.includes(kind));
}

export function optionsOf(attribute: Attribute): Option[] {
  return (attribute.options ?? []).map((option) => (typeof option === "string" ? { name: option } : option));
}

/** Whether the attribute counts, given the owner's other values (the server's rule, labels/schema.py). */
export function applies(attribute: Attribute, values: Attributes): boolean {
  return Object.entries(attribute.when ?? {}).every(([name, wanted]) =>
    Array.isArray(wanted) ? wanted.some((one) => one === values[name]) : values[name] === wanted,
  );
}

/** Values that a new object or item starts with. */
export function defaults(attributes: readonly Attribute[] | undefined): Attributes {
  return Object.fromEntries((attributes ?? []).filter((one) => one.default !== undefined).map((one) => [one.name, one.default!]));
}

/** The object under another label: attributes that the label does not know are left behind. */
export function relabelled(schema: SchemaDocument, object: AnyObject, name: string): AnyObject {
  const known = labelOf(schema, name)?.attributes ?? [];
  const kept = Object.entries(object.attributes ?? {}).filter(([key]) => known.some((one) => one.name === key));
  return { ...object, label: name, attributes: { ...defaults(known), ...Object.fromEntries(kept) } };
}

function lacking(attributes: readonly Attribute[] | undefined, values: Attributes): Attribute[] {
  return (attributes ?? []).filter((attribute) => {
    const value = values[attribute.name];
    const blank = value === undefined || value === "" || (Array.isArray(value) && !value.length);
    return attribute.required && blank && applies(attribute, values);
  });
}

/** Path of each required attribute that has no value, as the server writes paths: "objects.<id>.attributes.<name>", "item.<name>". */
export function missing(schema: SchemaDocument, document: AnnotationDocument): string[] {
  const labels = new Map(schema.labels.map((label) => [label.name, label]));
  return [
    ...document.objects.flatMap((object) =>
      lacking(labels.get(object.label)?.attributes, object.attributes ?? {}).map(({ name }) => `objects.${object.id}.attributes.${name}`),
    ),
    ...lacking(schema.item, document.item).map(({ name }) => `item.${name}`),
  ];
}
