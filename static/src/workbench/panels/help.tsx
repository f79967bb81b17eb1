/** All keys, drawn from the table of actions. */
import { useEffect, useRef } from "preact/hooks";
import { titled } from "../../kit/words.ts";
import { ACTIONS, type Action } from "../actions/table.ts";
import type { Bench } from "../bench.ts";
import { keysOf as keysNow } from "../actions/keymap.ts";
import { Icon, Keys } from "./parts.tsx";
import { KeyRow, KeysHead } from "./remap.tsx";

const MOUSE = ["wheel", "pan", "over", "square", "alt", "brush", "refine", "more", "axis", "points", "stick", "free"];
const CARDINAL = ["nudge", "nudge_far", "size", "size_far"];

function rows(group: Action["group"]): Action[] {
  const seen = new Set<string>();
  return ACTIONS.filter((action) => action.group === group && !seen.has(action.name) && seen.add(action.name));
}
/** The four arrows are one line. */
function keysOf(action: Action): string[] {
  return CARDINAL.includes(action.name) ? [action.keys[0]!.replace("arrowleft", "←↑→↓")] : [...keysNow(action)];
}

export function Help({ bench }: { bench: Bench }) {
  return bench.ui.help.value ? <Sheet bench={bench} /> : null;
}

function Sheet({ bench }: { bench: Bench }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const close = (): void => void (bench.ui.help.value = false);
  const review = bench.kind === "review";
  const known = (action: Action): boolean => !(review ? ["submit", "previous"] : ["accept", "return", "fix", "submit_fix"]).includes(action.name);
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="help-title" onClose={close} onClick={(event) => event.target === dialog.current && close()}>
      <header class="row"><h2 id="help-title">{bench.say("do.help")}</h2>
        <button type="button" class="btn ghost icon small end" aria-label={bench.say("close")} onClick={close}><Icon name="x" /></button></header>
      <div class="pad"><KeysHead bench={bench} /></div>
      <div class="sheet-body">
        {(["work", "draw", "frames", "text", "objects", "view"] as const).map((group) => (
          <section key={group}><h3>{bench.say(`group.${group}`)}</h3>
            <dl>{rows(group).filter(known).map((action) => (
              <KeyRow key={action.name} bench={bench} action={action} keys={keysOf(action)} />
            ))}</dl>
          </section>
        ))}
        {bench.labelKeys.size > 0 && (
          <section><h3>{bench.say("labels_keys")}</h3>
            <dl>{bench.schema.labels.filter(({ name }) => bench.labelKeys.has(name)).map((label) => (
              <div key={label.name}><dt>{titled(label, bench.config.language)}</dt><dd><Keys keys={bench.labelKeys.get(label.name)!} /></dd></div>
            ))}</dl>
          </section>
        )}
        <section><h3>{bench.say("group.mouse")}</h3><ul class="stack s">{MOUSE.map((name) => <li key={name}>{bench.say(`mouse.${name}`)}</li>)}</ul></section>
      </div>
    </dialog>
  );
}
