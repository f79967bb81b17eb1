/** The palette: type a few letters of an action or a label, Enter does it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { choices, type Choice } from "../actions/finding.ts";
import { colourOf } from "../state/schema.ts";
import { useDialog } from "./dialog.ts";
import { Keys, Swatch } from "./parts.tsx";

export function Finder({ bench }: { bench: Bench }) {
  const mode = bench.ui.finder.value;
  return mode ? <Sheet key={mode} bench={bench} mode={mode} /> : null;
}

function Sheet({ bench, mode }: { bench: Bench; mode: "actions" | "labels" }) {
  const dialog = useDialog();
  const list = useRef<HTMLUListElement>(null);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const found = choices(bench, mode, query);
  const here = Math.min(at, found.length - 1);
  const title = bench.say(mode === "labels" ? "do.find_label" : "do.palette");
  useEffect(() => list.current?.children[here]?.scrollIntoView({ block: "nearest" }), [here, query]);
  const close = (): void => void (bench.ui.finder.value = null);
  const take = (choice: Choice | undefined): void => {
    if (!choice) return;
    close();
    setTimeout(() => choice.run()); // when the dialog has gone and the focus is where it was
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229) return; // the word is still being written
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) setAt(Math.abs(step) === 1 ? (here + step + found.length) % Math.max(found.length, 1) : Math.min(Math.max(here + step, 0), found.length - 1));
    else if (event.key === "Enter") take(found[here]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <dialog ref={dialog} class="sheet finder" aria-label={title} onClose={close} onClick={(event) => event.target === dialog.current && close()}>
      <input type="text" role="combobox" aria-label={bench.say(mode === "labels" ? "find_labels" : "find_actions")} aria-expanded="true" aria-controls="found" aria-autocomplete="list"
        aria-activedescendant={found[here] ? `found-${here}` : undefined} placeholder={`${title}: ${bench.say("find_hint")}`} autocomplete="off" spellcheck={false} value={query}
        onInput={(event) => { setQuery(event.currentTarget.value); setAt(0); }} onKeyDown={pressed} />
      <ul id="found" role="listbox" aria-label={title} ref={list}>
        {found.map((choice, index) => (
          <li key={choice.id} id={`found-${index}`} role="option" aria-selected={index === here} onClick={() => take(choice)} onPointerMove={() => index !== here && setAt(index)}>
            {choice.label && <Swatch colour={colourOf(bench.schema, choice.label.name)} />}<span class="cut">{choice.text}</span>
            {choice.keys && <span class="end"><Keys keys={choice.keys} /></span>}
          </li>
        ))}
      </ul>
      <p class="q s pad" role="status">{found.length ? "" : bench.say("find_none")}</p>
    </dialog>
  );
}
