/** An item's page: an object of the list, or one that is spoken of, lights up in the picture and the other way round; j and k go to the neighbours. */
const listed = (id: string | undefined) => document.querySelector<HTMLElement>(`[data-of="${CSS.escape(id ?? "")}"]`);
const drawn = (id: string | undefined) => document.querySelectorAll(`[data-object="${CSS.escape(id ?? "")}"]`);

function light(id: string | undefined, on: boolean): void {
  if (!id) return;
  for (const path of drawn(id)) path.classList.toggle("on", on);
}

for (const row of document.querySelectorAll<HTMLElement>("[data-of], [data-about]")) {
  const object = row.dataset.of ?? row.dataset.about;
  row.addEventListener("pointerenter", () => light(object, true));
  row.addEventListener("pointerleave", () => light(object, false));
}

// What a comment will be pinned to stays lit while it is chosen.
let chosen: string | undefined;
document.querySelector<HTMLSelectElement>("#comment_object")?.addEventListener("change", (event) => {
  light(chosen, false);
  chosen = (event.target as HTMLSelectElement).value;
  light(chosen, true);
});

for (const path of document.querySelectorAll<SVGElement>("[data-object]")) {
  path.addEventListener("pointerenter", () => {
    light(path.dataset.object, true);
    listed(path.dataset.object)?.scrollIntoView({ block: "nearest" });
  });
  path.addEventListener("pointerleave", () => light(path.dataset.object, false));
}

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const wanted = { j: "[data-next]", k: "[data-prev]" }[event.key];
  if (!wanted || document.activeElement?.closest("[data-list]")) return; // in a table they walk its rows
  const link = document.querySelector<HTMLAnchorElement>(wanted);
  if (!link) return;
  event.stopImmediatePropagation();
  link.click();
}, true); // before the frame's own j and k, which would walk into the table of revisions
