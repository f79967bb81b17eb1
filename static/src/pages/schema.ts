/** The form side of the schema editor: rows that say the same as the JSON beside them, each following the other. */
import { embedded } from "../kit/page.ts";
import { readable } from "../kit/schema_text.ts";

interface Attribute { name: string; title?: Record<string, string>; type: string; options?: string[]; required?: boolean; multiple?: boolean; [more: string]: unknown }
interface Label { name: string; title?: Record<string, string>; kinds: string[]; color?: string; hotkey?: string; attributes?: Attribute[]; [more: string]: unknown }
interface Schema { labels: Label[]; item?: Attribute[]; [more: string]: unknown }

const KINDS = ["box", "polygon", "polyline", "keypoints", "point", "mask", "span"];
const TYPES = ["bool", "choice", "text", "number"];
const COLORS = ["#de5308", "#0080ff", "#329270", "#a00e71", "#9fbd00", "#681bd9", "#12fffa", "#ff4cb0", "#ffc09e", "#f8ff42", "#98b7ff", "#794800"];
const words = embedded<Record<string, string>>("schema-words") ?? {};
const problems = embedded<Record<string, string>>("schema-problems") ?? {};
const rows = document.getElementById("schema-rows");
const text = document.querySelector<HTMLTextAreaElement>("#schema-form textarea");

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

function read(source: string): Schema | null {
  try {
    const found = JSON.parse(source) as Schema;
    return found && typeof found === "object" && Array.isArray(found.labels) ? found : null;
  } catch {
    return null;
  }
}

/** The title in the language of the page, else the name. */
function titled(thing: Label | Attribute): string {
  const titles = thing.title ?? {};
  const here = Object.keys(titles).find((code) => document.documentElement.lang.startsWith(code));
  return (here && titles[here]) || thing.name || "…";
}

function asked(attribute: Attribute): HTMLElement {
  const answers = attribute.type === "bool" ? [] : attribute.type === "choice" ? (attribute.options ?? []) : [words[attribute.type] ?? attribute.type];
  const star = attribute.required ? [make("span", { class: "hm", title: words.required ?? "" }, "*")] : [];
  if (attribute.type === "bool") return make("div", { class: "asks row" }, make("i", { class: "tickbox" }), titled(attribute), ...star);
  return make("div", { class: "asks row wrap" }, make("span", {}, titled(attribute)), ...star, ...answers.map((each) => make("span", { class: "chip" }, String(each))));
}

/** What an annotator gets of the schema: labels with their keys, what is asked of each, and of the whole item. */
function offer(schema: Schema): void {
  const shown = document.querySelector<HTMLElement>("#schema-preview > div");
  if (!shown) return;
  const labels = schema.labels.map((label, at) => {
    const mark = make("span", { class: "sw" });
    mark.style.setProperty("--c", label.color ?? COLORS[at % COLORS.length]!);
    const kinds = (label.kinds ?? []).map((kind) => words[kind] ?? kind).join(", ");
    return make("li", {}, make("div", { class: "row" }, mark, make("b", { class: "cut" }, titled(label)), make("span", { class: "q s cut" }, kinds), ...(label.hotkey ? [make("kbd", { class: "end" }, label.hotkey)] : [])),
      ...(label.attributes ?? []).map(asked));
  });
  const item = schema.item?.length ? [make("li", {}, make("div", { class: "row" }, make("b", {}, rows?.dataset.item ?? "")), ...schema.item.map(asked))] : [];
  shown.replaceChildren(labels.length || item.length ? make("ul", {}, ...labels, ...item) : make("p", { class: "q s" }, words.preview_none ?? ""));
  shown.parentElement!.hidden = false;
}

function start(rows: HTMLElement, text: HTMLTextAreaElement): void {
  let schema: Schema = read(text.value) ?? { labels: [] };

  const write = (): void => {
    text.value = readable(schema);
    offer(schema);
  };
  const redraw = (): void => {
    write();
    draw();
  };

  function button(word: string, icon: string, run: () => void): HTMLButtonElement {
    const made = make("button", { type: "button", class: "btn ghost icon small", "aria-label": words[word] ?? word, title: words[word] ?? word, click: run });
    made.insertAdjacentHTML("beforeend", `<svg class="i" aria-hidden="true"><use href="#i-${icon}"/></svg>`);
    return made;
  }

  function tick(word: string, on: boolean, change: (on: boolean) => void): HTMLLabelElement {
    const box = make("input", { type: "checkbox", change: (event) => (change((event.target as HTMLInputElement).checked), write()) });
    box.checked = on;
    return make("label", { class: "row" }, box, words[word] ?? word);
  }

  function attribute(owner: Attribute[], at: number): HTMLElement {
    const mine = owner[at]!;
    const name = make("input", { value: mine.name, "aria-label": words.attribute!, input: (event) => ((mine.name = (event.target as HTMLInputElement).value), write()) });
    const type = make("select", { "aria-label": words.type!, change: (event) => ((mine.type = (event.target as HTMLSelectElement).value), redraw()) },
      ...TYPES.map((each) => make("option", { value: each, selected: each === mine.type }, words[each] ?? each)));
    const row = make("div", { class: "attr" }, name, type,
      tick("required", mine.required === true, (on) => (on ? (mine.required = true) : delete mine.required)),
      button("remove", "x", () => (owner.splice(at, 1), redraw())));
    if (mine.type === "choice") {
      row.append(make("input", { class: "wide", value: (mine.options ?? []).join(", "), "aria-label": words.options!, placeholder: words.options!,
        input: (event) => ((mine.options = (event.target as HTMLInputElement).value.split(/[,，]/).map((part) => part.trim()).filter(Boolean)), write()) }),
        tick("multiple", mine.multiple === true, (on) => (on ? (mine.multiple = true) : delete mine.multiple)));
    }
    return row;
  }

  function attributes(list: Attribute[], set: (list: Attribute[]) => void): HTMLElement[] {
    return [...list.map((_, at) => attribute(list, at)),
      make("div", {}, make("button", { type: "button", class: "btn small", click: () => (set([...list, { name: "", type: "bool" }]), redraw()) }, `+ ${words.add_attribute}`))];
  }

  function label(at: number): HTMLElement {
    const mine = schema.labels[at]!;
    const color = make("input", { type: "color", value: mine.color ?? COLORS[at % COLORS.length]!, "aria-label": words.color!, input: (event) => ((mine.color = (event.target as HTMLInputElement).value), write()) });
    const name = make("input", { value: mine.name, "aria-label": words.label!, placeholder: words.label!, input: (event) => ((mine.name = (event.target as HTMLInputElement).value), write()) });
    const key = make("input", { value: mine.hotkey ?? "", maxlength: "1", "aria-label": words.key!, placeholder: words.key!,
      input: (event) => ((event.target as HTMLInputElement).value ? (mine.hotkey = (event.target as HTMLInputElement).value) : delete mine.hotkey, write()) });
    const swap = (other: number): void => {
      [schema.labels[at], schema.labels[other]] = [schema.labels[other]!, mine];
      redraw();
    };
    const kinds = make("div", { class: "row wrap", role: "group", "aria-label": words.kinds! }, ...KINDS.map((kind) => tick(kind, mine.kinds?.includes(kind) ?? false, (on) => {
      mine.kinds = KINDS.filter((each) => (each === kind ? on : mine.kinds?.includes(each)));
    })));
    const moves = make("span", { class: "row" }, ...(at > 0 ? [button("up", "up", () => swap(at - 1))] : []), button("remove", "x", () => (schema.labels.splice(at, 1), redraw())));
    const row = make("div", { class: "schema-row" }, make("div", { class: "top" }, color, name, key, moves), kinds,
      make("details", { open: Boolean(mine.attributes?.length) }, make("summary", { class: "s q" }, `${words.attributes} (${mine.attributes?.length ?? 0})`),
        make("div", { class: "stack" }, ...attributes(mine.attributes ?? [], (list) => (mine.attributes = list)))));
    const wrong = Object.entries(problems).filter(([path]) => path.startsWith(`schema.labels[${at}]`));
    if (wrong.length) {
      row.classList.add("bad");
      row.append(make("span", { class: "err s down" }, wrong.map(([path, why]) => `${path}: ${why}`).join(" ")));
    }
    return row;
  }

  function draw(): void {
    const added = make("button", { type: "button", class: "btn", click: () => {
      const kinds = schema.labels.at(-1)?.kinds ?? ["box"];
      schema.labels.push({ name: "", kinds: [...kinds], color: COLORS[schema.labels.length % COLORS.length]! });
      redraw();
      rows.querySelectorAll<HTMLInputElement>(".schema-row .top input:not([type=color])").item(2 * schema.labels.length - 2)?.focus();
    } }, `+ ${words.add_label}`);
    const item = make("div", { class: "schema-row" }, make("h3", {}, rows.dataset.item ?? ""), ...attributes(schema.item ?? [], (list) => (schema.item = list)));
    rows.replaceChildren(...(schema.labels.length ? schema.labels.map((_, at) => label(at)) : [make("p", { class: "q" }, words.no_labels!)]), make("div", {}, added), item);
  }

  text.addEventListener("input", () => {
    const found = read(text.value);
    text.setCustomValidity(found ? "" : (words.not_json ?? ""));
    if (!found) return;
    schema = found;
    draw();
    offer(schema);
  });
  draw();
  offer(schema);
  rows.hidden = false;
}

if (rows && text) start(rows, text);
