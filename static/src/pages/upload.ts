/** The batch's upload: many files by drop or choice, sent some at a time, each with its own progress and its own retry.
 * Without this script the form sends them all at once. */
import { bytes, nextChunk, spread } from "../kit/chunks.ts";
import { chosen, dropped, type Found } from "../kit/dropped.ts";
import { identifier } from "../kit/identifier.ts";
import { embedded } from "../kit/page.ts";
import { passing, Problem } from "../kit/problem.ts";
import { send, type Sending } from "../kit/sending.ts";
import { words } from "../kit/words.ts";

const AT_ONCE = 2;
const RETRIES = [1000, 3000, 9000]; // milliseconds between tries of what may mend by itself
const ROWS = 200; // with more files than this, sent ones leave the list
const SPLITS = new Set([400, 413, 415, 422]); // refusals that may be about one file of many

interface Entry extends Found {
  size: number;
  gone: number;
  state: "waiting" | "sending" | "sent" | "failed";
  alone: boolean;
  row: HTMLLIElement | null;
}

const say = words(embedded<Record<string, string>>("upload-words") ?? {}, {});
const form = document.querySelector<HTMLFormElement>("form[data-upload]");
if (form) start(form);

function start(form: HTMLFormElement): void {
  const drop = form.querySelector<HTMLElement>("[data-drop]")!;
  const input = form.querySelector<HTMLInputElement>("input[type=file]")!;
  const panel = form.querySelector<HTMLElement>("[data-uploading]")!;
  const csrf = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  const frames = form.querySelector<HTMLInputElement>("input[name=frames]");
  const address = (): string => form.dataset.upload! + (frames?.checked ? `?frames=${encodeURIComponent(frames.value)}` : "");
  const entries: Entry[] = [];
  const waiting: Entry[] = [];
  const under = new Set<Sending>();
  let busy = 0;
  let began = 0;
  let stopped = false;

  form.querySelector("[data-plain]")?.parentElement?.remove();
  const bar = document.createElement("progress");
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  const list = document.createElement("ul");
  list.tabIndex = 0;
  const stop = button(say("stop"), () => {
    stopped = true;
    for (const entry of waiting.splice(0)) fail(entry, say("stopped"));
    for (const each of under) each.stop();
  });
  const again = button("", () => retry(entries.filter((entry) => entry.state === "failed")));
  const line = document.createElement("div");
  line.className = "row";
  line.append(told, stop, again);
  told.className = "grow";
  panel.append(line, bar, list);

  function add(found: Found[]): void {
    if (!found.length) return;
    if (!busy && entries.every((entry) => entry.state === "sent")) {
      entries.length = 0;
      list.replaceChildren();
      began = Date.now();
    }
    const fresh = found.map((each): Entry => ({ ...each, size: each.file.size, gone: 0, state: "waiting", alone: false, row: null }));
    entries.push(...fresh);
    retry(fresh);
  }

  function retry(some: Entry[]): void {
    stopped = false;
    panel.hidden = false;
    began ||= Date.now();
    for (const entry of some) {
      entry.state = "waiting";
      entry.gone = 0;
      show(entry, say("waiting"));
    }
    waiting.push(...some);
    pump();
  }

  function pump(): void {
    while (busy < AT_ONCE && waiting.length) {
      const chunk = waiting[0]!.alone ? waiting.splice(0, 1) : nextChunk(waiting);
      busy += 1;
      void deliver(chunk).finally(() => {
        busy -= 1;
        pump();
      });
    }
    summary();
  }

  async function deliver(chunk: Entry[]): Promise<void> {
    const key = identifier();
    const url = address(); // of all tries: the same key must mean the same call
    for (let attempt = 0; ; attempt++) {
      for (const entry of chunk) entry.state = "sending";
      const sending = send(url, csrf, key, chunk, (share) => progress(chunk, share));
      under.add(sending);
      try {
        await sending.done;
        return sent(chunk);
      } catch (error) {
        if (passing(error) && attempt < RETRIES.length && !stopped) {
          progress(chunk, 0);
          const asked = error instanceof Problem ? error.retryAfter : null;
          await new Promise((resolve) => setTimeout(resolve, asked ? asked * 1000 : RETRIES[attempt]));
          continue;
        }
        return refused(chunk, error);
      } finally {
        under.delete(sending);
      }
    }
  }

  function progress(chunk: Entry[], share: number): void {
    spread(chunk, share).forEach((gone, index) => {
      const entry = chunk[index]!;
      entry.gone = gone;
      show(entry, bytes(entry.size));
    });
    summary();
  }

  function sent(chunk: Entry[]): void {
    for (const entry of chunk) {
      entry.gone = entry.size;
      entry.state = "sent";
      show(entry, say("sent"));
      if (entries.length > ROWS) entry.row?.remove();
    }
    document.body.dispatchEvent(new CustomEvent("uploaded"));
  }

  /** One bad file must not take its neighbours along: they are sent again one by one. */
  function refused(chunk: Entry[], error: unknown): void {
    if (chunk.length > 1 && error instanceof Problem && SPLITS.has(error.status)) {
      for (const entry of chunk) Object.assign(entry, { alone: true, gone: 0, state: "waiting" });
      waiting.unshift(...chunk);
      return;
    }
    const why = error instanceof Problem ? error.detail : error instanceof DOMException ? say("stopped") : say("offline");
    for (const entry of chunk) fail(entry, why);
  }

  function fail(entry: Entry, why: string): void {
    entry.state = "failed";
    entry.gone = 0;
    show(entry, why);
  }

  function show(entry: Entry, how: string): void {
    if (!entry.row) {
      if (list.childElementCount >= ROWS && entry.state !== "failed") return;
      entry.row = document.createElement("li");
      const name = document.createElement("span");
      name.className = "cut";
      name.textContent = name.title = entry.path;
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", entry.path);
      const word = document.createElement("span");
      word.className = "how";
      entry.row.append(name, bar, word);
    }
    if (!entry.row.isConnected) list.append(entry.row);
    entry.row.className = { waiting: "", sending: "", sent: "good", failed: "bad" }[entry.state];
    const bar = entry.row.querySelector("progress")!;
    bar.max = entry.size || 1;
    bar.value = entry.state === "sent" ? bar.max : entry.gone;
    const word = entry.row.querySelector<HTMLElement>(".how")!;
    word.textContent = how;
    if (entry.state === "failed") word.append(" ", button(say("again"), () => retry([entry])));
  }

  function summary(): void {
    const size = entries.reduce((sum, entry) => sum + entry.size, 0);
    const gone = entries.reduce((sum, entry) => sum + entry.gone, 0);
    const done = entries.filter((entry) => entry.state === "sent").length;
    const failed = entries.filter((entry) => entry.state === "failed").length;
    const live = busy > 0 || waiting.length > 0;
    bar.max = size || 1;
    bar.value = gone;
    bar.hidden = !live;
    stop.hidden = !live;
    again.hidden = live || failed < 2;
    again.textContent = say("all_again", { n: failed });
    if (live) {
      const text = say("total", { done, all: entries.length, sent: bytes(gone), size: bytes(size) });
      const rate = gone / Math.max(1, Date.now() - began);
      const left = rate > 0 && Date.now() - began > 2000 ? (size - gone) / rate / 1000 : 0;
      const time = left > 90 ? say("minutes", { n: Math.round(left / 60) }) : say("seconds", { n: Math.ceil(left) });
      told.textContent = left ? `${text}, ${say("left", { time })}` : text;
    } else if (entries.length) {
      told.textContent = failed
        ? say("some", { done, all: entries.length, failed })
        : say("done", { all: entries.length });
    }
    panel.classList.toggle("good", !live && !failed);
  }

  for (const kind of ["dragover", "dragenter"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer) void dropped(event.dataTransfer).then(add);
  });
  input.addEventListener("change", () => {
    add(chosen(input.files ?? []));
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => {
    if (busy || waiting.length) event.preventDefault();
  });
}

function button(text: string, press: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn small";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}
