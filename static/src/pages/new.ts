/** The new project's form: files dropped on it count as chosen, and names say what the files look like. */
const drop = document.querySelector<HTMLElement>("[data-drop]");
const input = drop?.querySelector<HTMLInputElement>("input[type=file]");

function guess(files: FileList): void {
  const names = [...files].map((file) => file.name.toLowerCase());
  const source = names.some((name) => name.endsWith(".json")) ? "coco" : names.some((name) => name.endsWith(".xml")) ? "voc" : names.some((name) => /\.(conll|bio|iob2?)$/.test(name)) ? "conll" : null;
  const radio = source && document.querySelector<HTMLInputElement>(`input[name=source][value=${source}]`);
  if (radio) radio.checked = true;
}

// Many or large files take a while to send; the button says so, since the page stays until all are here.
const form = input?.form;
form?.addEventListener("submit", () => {
  const sending = form.querySelector<HTMLElement>("[data-sending]");
  if (sending && input?.files?.length) sending.hidden = false;
});
addEventListener("pageshow", () => form?.querySelector("[data-sending]")?.setAttribute("hidden", ""));

if (drop && input) {
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
    const files = event.dataTransfer?.files;
    if (!files?.length) return;
    input.files = files;
    guess(files);
  });
  input.addEventListener("change", () => input.files && guess(input.files));
}
