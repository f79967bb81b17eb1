/** A schema document as people read and edit it: names first, what is short on one line. `schema_text.py` writes the same. */
const ORDER = ["labels", "item", "relations", "name", "title", "description", "kinds", "type", "options", "required", "multiple"];
const WIDTH = 90;

function flat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flat).join(", ")}]`;
  if (value && typeof value === "object") return `{${entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${flat(inner)}`).join(", ")}}`;
  return JSON.stringify(value);
}

function entries(value: object): [string, unknown][] {
  const rank = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function write(value: unknown, indent: number): string {
  const short = flat(value);
  if (!value || typeof value !== "object" || short.length + indent <= WIDTH || short.length === 2) return short;
  const blank = " ".repeat(indent + 2);
  const [parts, ends] = Array.isArray(value)
    ? [value.map((inner) => write(inner, indent + 2)), "[]"]
    : [entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${write(inner, indent + 2)}`), "{}"];
  return `${ends[0]}\n${parts.map((part) => blank + part).join(",\n")}\n${" ".repeat(indent)}${ends[1]}`;
}

export function readable(document: object): string {
  const parts = entries(document).map(([key, value]) => {
    const rows = Array.isArray(value) ? value.map((inner) => `    ${write(inner, 4)}`).join(",\n") : "";
    return `  ${JSON.stringify(key)}: ${rows ? `[\n${rows}\n  ]` : write(value, 2)}`;
  });
  return parts.length ? `{\n${parts.join(",\n")}\n}` : "{}";
}
