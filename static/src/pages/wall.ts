/** The label wall by keys: walk, mark, relabel or return what is marked, undo. The page works without it as a form with boxes to tick;
 * here acts go by the API, so that nobody loses their place, and no crop moves. */
import { Client } from "../kit/client.ts";
import { search } from "../kit/fuzzy.ts";
import { embedded } from "../kit/page.ts";
import { Problem } from "../kit/problem.ts";

interface Choice { name: string; title: string; titles: string[]; css: string; hotkey: string }
interface Config { project: number; csrf: string; answer: string; may: Record<Act, boolean>; choices: Choice[]; last: number | null; words: Record<string, string>; left: Record<string, string> }
type Act = "relabel" | "return" | "queue";
interface Made { id: number; act: Act; state: string; told: string; job: number | null; counts: Record<string, number> }
interface Preview { items: number; changes: number; approved: number; left_out: Record<string, number> }

const RESERVED = new Set(["h", "j", "k", "l", "x", "r", "u", "t", "o", "n", " ", "/", "?"]);

function start(config: Config, wall: HTMLElement, form: HTMLFormElement): void {
  const client = new Client("/api/v1", config.csrf);
  const crops = [...wall.querySelectorAll<HTMLElement>(".crop")];
  const boxOf = (crop: HTMLElement) => crop.querySelector<HTMLInputElement>("input")!;
  const $ = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
  const say = (key: string, values: Record<string, string | number> = {}) => (config.words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  const [count, about] = [$("[data-count]"), $("[data-about]")];
  const [beginning, explained] = [count.textContent!, about.textContent!];
  const dialogs = { large: $<HTMLDialogElement>("#wall-large"), label: $<HTMLDialogElement>("#wall-label"), confirm: $<HTMLDialogElement>("#wall-act-dialog"), keys: $<HTMLDialogElement>("#wall-keys") };
  const done: { id: number; crops: HTMLElement[] }[] = config.last ? [{ id: config.last, crops: [] }] : [];
  let [at, busy, from] = [0, false, 0];

  // --- marking
  const marked = () => crops.filter((crop) => boxOf(crop).checked);
  const free = (crop: HTMLElement) => !crop.classList.contains("acted");

  function show(): void {
    const now = marked();
    const items = new Set(now.map((crop) => crop.dataset.item));
    const people = new Set(now.map((crop) => crop.querySelector(".who")?.textContent).filter(Boolean));
    const approved = new Set(now.filter((crop) => "approved" in crop.dataset).map((crop) => crop.dataset.item)).size;
    count.textContent = now.length ? say("marked", { n: now.length }) : beginning;
    about.textContent = now.length ? say("within", { items: items.size, people: people.size }) + (approved ? ` · ${say("approved", { n: approved })}` : "") : explained;
  }

  function mark(crop: HTMLElement, on: boolean): void {
    boxOf(crop).checked = on && free(crop);
  }

  function go(place: number, reach = false): void {
    const next = Math.max(0, Math.min(crops.length - 1, place));
    if (reach) for (let each = Math.min(at, next); each <= Math.max(at, next); each++) mark(crops[each]!, true);
    crops[at]!.classList.remove("cur");
    at = next;
    const crop = crops[at]!;
    crop.classList.add("cur");
    boxOf(crop).focus({ preventScroll: true });
    crop.scrollIntoView({ block: "nearest" });
    if (dialogs.large.open) large();
    if (reach) show();
  }

  /** Crops in a row, as they are laid out now. */
  function across(): number {
    const top = crops[0]!.offsetTop;
    const second = crops.findIndex((crop) => crop.offsetTop > top);
    return second > 0 ? second : crops.length;
  }

  // --- acting
  const places = (of: HTMLElement[]) => of.map((crop) => boxOf(crop).value);

  function toast(text: string, id: number | null = null, bad = false): void {
    const toasts = $("#toasts");
    toasts.replaceChildren();
    const one = document.createElement("div");
    one.className = bad ? "toast warning" : "toast";
    const words = document.createElement("span");
    words.textContent = text;
    one.append(words);
    if (id !== null) {
      const button = document.createElement("button");
      button.className = "btn small end";
      button.type = "button";
      button.textContent = `${say("undo")} `;
      button.append(Object.assign(document.createElement("kbd"), { textContent: "u" }));
      button.addEventListener("click", () => void undo());
      one.append(button);
    }
    toasts.append(one);
  }

  function why(error: unknown): string {
    return error instanceof Problem ? error.message : String(error);
  }

  async function ended(made: Made): Promise<Made> {
    let wait = 200;
    while (made.state === "running" || made.state === "undoing") {
      toast(say("working"));
      await new Promise((next) => setTimeout(next, wait));
      wait = Math.min(2000, wait * 1.5);
      made = (await client.call<Made>("GET", `/wall-acts/${made.id}`)).data!;
    }
    return made;
  }

  async function act(kind: Act, of: HTMLElement[], more: Record<string, unknown>, word: string): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      const sent = (await client.call<Made>("POST", `/projects/${config.project}/wall`, { body: { act: kind, things: places(of), answer: config.answer, ...more }, key: crypto.randomUUID() })).data!;
      for (const crop of of) mark(crop, false);
      const made = await ended(sent);
      if (kind !== "queue" && made.counts["changed"]) {
        for (const crop of of) {
          crop.classList.add("acted");
          crop.querySelector(".cap")!.append(Object.assign(document.createElement("b"), { className: "new cut", textContent: word }));
        }
      }
      if (made.counts["changed"]) done.push({ id: made.id, crops: kind === "queue" ? [] : of });
      toast(made.told, made.counts["changed"] ? made.id : null, !made.counts["changed"]);
    } catch (error) {
      toast(say("failed", { why: why(error) }), null, true);
    } finally {
      busy = false;
      show();
    }
  }

  async function undo(): Promise<void> {
    const last = done.at(-1);
    if (busy) return;
    if (!last) return toast(say("nothing_to_undo"));
    busy = true;
    try {
      const made = await ended((await client.call<Made>("POST", `/wall-acts/${last.id}/undo`, { body: {} })).data!);
      done.pop();
      for (const crop of last.crops) {
        crop.classList.remove("acted");
        crop.querySelector(".new")?.remove();
      }
      toast(made.told);
    } catch (error) {
      done.pop();
      toast(say("failed", { why: why(error) }), null, true);
    } finally {
      busy = false;
      show();
    }
  }

  async function relabel(choice: Choice): Promise<void> {
    const of = marked();
    if (!of.length) return toast(say("nothing"));
    await act("relabel", of, { label: config.answer ? "" : choice.name, option: config.answer ? choice.name : "" }, choice.title);
  }

  async function confirm(kind: Act): Promise<void> {
    let of = marked();
    if (kind === "queue" && !of.length) of = crops.filter(free);
    if (!of.length) return toast(say("nothing"));
    const button = form.querySelector<HTMLButtonElement>(`[data-act=${kind}]`)!;
    const word = button.firstChild?.nextSibling?.textContent?.trim() || button.textContent!.trim();
    const field = (name: string) => form.elements.namedItem(name) as HTMLSelectElement & HTMLInputElement | null;
    const [words, name] = [$<HTMLInputElement>("#wall-words"), $<HTMLInputElement>("#wall-name")];
    const select = (kind === "return" ? field("reason") : field("queue"))!;
    const shown = select.cloneNode(true) as HTMLSelectElement;
    shown.removeAttribute("name");
    shown.value = select.value;
    const title = $("[data-confirm-title]");
    title.textContent = word;
    title.nextElementSibling!.textContent = kind === "queue" && !marked().length ? say("queue_all", { n: of.length }) : "";
    $("[data-confirm-words]").hidden = kind !== "return";
    $("[data-confirm-name]").hidden = kind !== "queue" || shown.value !== "";
    shown.addEventListener("change", () => ($("[data-confirm-name]").hidden = kind !== "queue" || shown.value !== ""));
    document.querySelector("[data-confirm] > select")?.remove();
    $("[data-confirm-words]").before(shown);
    words.value = "";
    name.value = field("name")?.value ?? "";
    $("[data-confirm-do]").textContent = word;
    const body = (): Record<string, unknown> => {
      return kind === "return" ? { reason_key: shown.value, reason: words.value.trim() } : { queue: shown.value ? Number(shown.value) : null, name: shown.value ? "" : name.value };
    };
    const sent = of;
    const reasons = $("[data-confirm-left]");
    reasons.replaceChildren();
    void client.call<Preview>("POST", `/projects/${config.project}/wall`, { body: { act: kind, things: places(sent), answer: config.answer, preview: true, ...body() } }).then(({ data }) => {
      const said = $("[data-confirm-said]");
      said.textContent = [said.textContent, say("would", { n: data!.changes, items: data!.items }), data!.approved && kind !== "queue" ? say("approved", { n: data!.approved }) : ""].filter(Boolean).join(" ");
      reasons.replaceChildren(...Object.entries(data!.left_out).map(([code, n]) => Object.assign(document.createElement("li"), { textContent: `${n} ${config.left[code] ?? code}` })));
    }, () => undefined);
    dialogs.confirm.returnValue = "";
    dialogs.confirm.showModal();
    $("[data-confirm-do]").focus(); // so that r and enter are enough
    dialogs.confirm.addEventListener("close", () => {
      if (dialogs.confirm.returnValue === "do") void act(kind, sent, body(), word);
      else go(at);
    }, { once: true });
  }

  // --- the label by a few letters
  const find = $<HTMLInputElement>("[data-find]");
  const picks = $("[data-picks]");
  function list(): void {
    const found = search(find.value, config.choices, (choice) => choice.titles).slice(0, 50);
    picks.replaceChildren(...found.map((choice, place) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = place === 0 ? "on" : "";
      button.append(Object.assign(document.createElement("span"), { className: `sw ${choice.css}` }), choice.title);
      const key = keyOf(choice);
      if (key) button.append(Object.assign(document.createElement("kbd"), { textContent: key }));
      button.addEventListener("click", () => choose(choice));
      row.append(button);
      return row;
    }));
    if (!found.length) picks.textContent = say("none");
  }
  function choose(choice: Choice): void {
    dialogs.label.close();
    void relabel(choice);
  }
  find.addEventListener("input", list);
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    picks.querySelector<HTMLButtonElement>("button")?.click();
  });

  // --- keys of labels: their own, where no key of the wall is meant; else their place among the first nine
  const taken = new Map<string, Choice>();
  for (const choice of config.choices) if (choice.hotkey && !RESERVED.has(choice.hotkey) && !taken.has(choice.hotkey)) taken.set(choice.hotkey, choice);
  config.choices.forEach((choice, place) => {
    const digit = String(place + 1);
    if (place < 9 && ![...taken.values()].includes(choice) && !taken.has(digit)) taken.set(digit, choice);
  });
  const keyOf = (choice: Choice) => [...taken].find(([, each]) => each === choice)?.[0] ?? "";
  $("[data-hotkeys]").append(...[...taken.keys()].slice(0, 12).map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));

  // --- large, in its picture
  function large(): void {
    const crop = crops[at]!;
    const holder = $("[data-large]");
    holder.replaceChildren();
    const drawn = crop.querySelector<SVGElement>(".objs path");
    const size = crop.dataset["size"];
    if (size) {
      const image = Object.assign(document.createElement("img"), { src: `/api/v1/items/${crop.dataset["item"]}/media?size=display`, alt: "" });
      const over = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      over.setAttribute("viewBox", `0 0 ${size}`);
      over.setAttribute("class", "objs");
      if (drawn) over.append(drawn.cloneNode(true));
      holder.append(image, over);
    } else {
      holder.append(crop.querySelector(".words")!.cloneNode(true));
    }
    $("[data-large-name]").textContent = boxOf(crop).getAttribute("aria-label");
    $<HTMLAnchorElement>("[data-large-link]").href = `/items/${crop.dataset["item"]}`;
  }

  const run: Record<string, () => void> = {
    ArrowLeft: () => go(at - 1), h: () => go(at - 1), ArrowRight: () => go(at + 1), l: () => go(at + 1),
    ArrowUp: () => go(at - across()), k: () => go(at - across()), ArrowDown: () => go(at + across()), j: () => go(at + across()),
    Home: () => go(0), End: () => go(crops.length - 1),
    x: () => { mark(crops[at]!, !boxOf(crops[at]!).checked); show(); },
    t: () => { if (!marked().length) return toast(say("nothing")); find.value = ""; list(); dialogs.label.showModal(); find.focus(); },
    r: () => void confirm("return"),
    u: () => void undo(),
    o: () => { location.href = `/items/${crops[at]!.dataset["item"]}`; },
    n: () => document.querySelector<HTMLAnchorElement>("a[rel=next]")?.click(),
    " ": () => { large(); dialogs.large.showModal(); },
    "?": () => dialogs.keys.showModal(),
    Escape: () => { for (const crop of crops) mark(crop, false); show(); },
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), textarea, select, summary");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (dialogs.large.open && [" ", "x", "o", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === " ") dialogs.large.close();
      else run[event.key]!();
      return;
    }
    if ([...document.querySelectorAll("dialog")].some((dialog) => dialog.open)) return;
    const onButton = event.target instanceof HTMLElement && event.target.matches("button, a[href]");
    if (onButton && (event.key === " " || event.key === "Enter")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const step: Record<string, () => number> = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -across(), ArrowDown: () => across() };
    let found: (() => void) | undefined = run[key];
    if (event.shiftKey && step[key]) found = () => go(at + step[key]!(), true);
    const choice = taken.get(event.key) ?? taken.get(key);
    if (!found && choice && !event.shiftKey && config.may.relabel) found = () => void relabel(choice);
    if (!found || (key === "r" && !config.may.return)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // before the frame's own keys
    found();
  }, true);

  wall.addEventListener("click", (event) => {
    const crop = (event.target as Element).closest<HTMLElement>(".crop");
    if (!crop || event.target instanceof HTMLInputElement) return;
    const place = crops.indexOf(crop);
    if (event.shiftKey) {
      event.preventDefault();
      for (let each = Math.min(from, place); each <= Math.max(from, place); each++) mark(crops[each]!, true);
      getSelection()?.removeAllRanges();
    }
    crops[at]!.classList.remove("cur");
    [at, from] = [place, place];
    crop.classList.add("cur");
  });
  wall.addEventListener("dblclick", () => run[" "]!());
  wall.addEventListener("change", (event) => {
    const crop = (event.target as Element).closest<HTMLElement>(".crop")!;
    if (!free(crop)) mark(crop, false);
    show();
  });

  form.classList.add("script");
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = (event.submitter as HTMLButtonElement | null)?.value as Act | undefined;
    if (kind === "relabel") run["t"]!();
    else if (kind) void confirm(kind);
  });

  const sizes = document.querySelector<HTMLElement>(".sizes");
  if (sizes) {
    sizes.hidden = false;
    const resize = (size: string): void => {
      wall.dataset["size"] = size;
      for (const button of sizes.querySelectorAll("button")) button.ariaPressed = String(button.dataset["size"] === size);
    };
    sizes.addEventListener("click", (event) => {
      const size = (event.target as HTMLElement).dataset["size"];
      if (!size) return;
      resize(size);
      try { localStorage.setItem("wall.size", size); } catch { /* kept for this page alone */ }
    });
    try { resize(localStorage.getItem("wall.size") ?? "m"); } catch { /* as it came */ }
  }
  const help = document.querySelector<HTMLButtonElement>("[data-keys]");
  if (help) {
    help.hidden = false;
    help.addEventListener("click", () => dialogs.keys.showModal());
  }
  for (const crop of crops) mark(crop, false); // a browser that comes back remembers ticks, not what was done with them
  go(0);
  show();
}

const config = embedded<Config>("wall-config");
const wall = document.querySelector<HTMLElement>("[data-wall]");
const form = document.querySelector<HTMLFormElement>("#wall-act");
if (config && wall && form) start(config, wall, form);
