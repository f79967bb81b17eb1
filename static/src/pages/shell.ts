/** What every page's frame does with script: toasts that go, copy buttons, one submit per click, and a few keys.
 * All of it is comfort: the pages work without. */

const GOOD_NEWS_STAYS = 6000;

function leave(toast: Element): void {
  toast.classList.add("leaving");
  setTimeout(() => toast.remove(), 300);
}

function watchToasts(): void {
  for (const toast of document.querySelectorAll(".toast:not(.warning, .error)")) {
    setTimeout(() => !toast.matches(":hover, :focus-within") && leave(toast), GOOD_NEWS_STAYS);
  }
}

/** A part of the page that could not be had says so; the page itself stays as it was. */
document.addEventListener("htmx:response:error", () => {
  const toasts = document.getElementById("toasts");
  if (!toasts || toasts.querySelector("[data-failure]")) return;
  const toast = document.createElement("div");
  toast.className = "toast warning";
  toast.dataset.failure = "";
  toast.append(toasts.dataset.failed ?? "");
  const button = document.createElement("button");
  button.className = "btn ghost icon small end";
  button.type = "button";
  button.dataset.dismiss = "";
  button.ariaLabel = toasts.dataset.dismissWord ?? "";
  button.textContent = "×";
  toast.append(button);
  toasts.append(toast);
});

async function copy(button: HTMLElement): Promise<void> {
  const from = document.getElementById(button.dataset.copy ?? "");
  const text = from instanceof HTMLInputElement ? from.value : (from?.textContent ?? "");
  try {
    await navigator.clipboard.writeText(text.trim());
  } catch {
    if (!from) return; // plain http has no clipboard: select it, so that one key copies
    getSelection()?.selectAllChildren(from);
    return;
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-dismiss], [data-copy]") : null;
  if (!target) return;
  const toast = target.closest(".toast");
  if (toast) leave(toast);
  else void copy(target);
});

/** After a refused form, typing goes on where the first thing is to be mended. */
document.querySelector<HTMLElement>("main [aria-invalid=true]:not([type=hidden])")?.focus();

/** A second press while the first is under way sends nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent && form.method === "post") event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000);
});
/** A choice that is made by choosing: `data-submit` on a select sends its form. */
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement && "submit" in event.target.dataset) event.target.form?.requestSubmit();
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => form.removeAttribute("data-sent")));

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** j and k walk the rows of a list ([data-list]), enter opens, x selects, / goes to the search. */
document.addEventListener("keydown", (event) => {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const search = document.querySelector<HTMLElement>("[data-search]");
    if (search) event.preventDefault();
    search?.focus();
    return;
  }
  const rows = [...document.querySelectorAll<HTMLElement>("[data-list] > *")];
  if (!rows.length || !["j", "k", "x"].includes(event.key)) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "x") {
    rows[here]?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    return;
  }
  const next = rows[Math.max(0, Math.min(rows.length - 1, here + (event.key === "j" ? 1 : -1)))];
  next?.querySelector<HTMLElement>("a[href], button")?.focus();
});

watchToasts();
