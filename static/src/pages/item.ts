/** An item's page: an object of the list lights up in the picture and the other way round; j and k go to the neighbours. */
const listed = (id: string | undefined) => document.querySelector<HTMLElement>(`[data-of="${CSS.escape(id ?? "")}"]`);
const drawn = (id: string | undefined) => document.querySelectorAll(`[data-object="${CSS.escape(id ?? "")}"]`);

function light(id: string | undefined, on: boolean): void {
  if (!id) return;
  for (const path of drawn(id)) path.classList.toggle("on", on);
}

for (const row of document.querySelectorAll<HTMLElement>("[data-of]")) {
  row.addEventListener("pointerenter", () => light(row.dataset.of, true));
  row.addEventListener("pointerleave", () => light(row.dataset.of, false));
}

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
});
