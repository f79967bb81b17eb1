/** One's own keys, in the sheet of all keys: press the pencil, then the new key. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { chord, shown } from "../actions/keys.ts";
import { FIXED, keepKeys, keysOf, mappable, ownerOf, ownKeys, remapped } from "../actions/keymap.ts";
import type { Action } from "../actions/table.ts";
import type { Bench } from "../bench.ts";
import { Icon, Keys } from "./parts.tsx";

const MODIFIERS = new Set(["control", "shift", "alt", "meta", "altgraph"]);

export function KeyRow({ bench, action, keys }: { bench: Bench; action: Action; keys: readonly string[] }) {
  const [asking, setAsking] = useState(false);
  const word = bench.say(`do.${action.name}`);
  const own = ownKeys.value[action.name] !== undefined;
  const pencil = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useLayoutEffect(() => {
    if (asked.current && !asking) pencil.current?.focus(); // the focus stays in the row
    asked.current = asking;
  }, [asking]);
  return (
    <div data-action={action.name}>
      <dt>{word}{own && <span class="q s"> {bench.say("key_own")}</span>}</dt>
      <dd>
        {asking ? <Ask bench={bench} action={action} done={() => setAsking(false)} /> : keys.map((one) => <Keys key={one} keys={one} />)}
        {!asking && mappable(action) && (
          <>
            {own && <button type="button" class="btn ghost icon small" aria-label={bench.say("key_reset", { name: word })} title={bench.say("key_reset", { name: word })} onClick={() => void set(bench, remapped(ownKeys.peek(), action, null))}><Icon name="undo" /></button>}
            <button ref={pencil} type="button" class="btn ghost icon small" aria-label={bench.say("key_change", { name: word })} title={bench.say("key_change", { name: word })} onClick={() => setAsking(true)}><Icon name="pen" /></button>
          </>
        )}
      </dd>
    </div>
  );
}

async function set(bench: Bench, next: Parameters<typeof keepKeys>[1]): Promise<void> {
  const why = await keepKeys(bench, next);
  bench.ui.keysSaid.value = why === null ? bench.say("key_saved") : bench.say("key_failed", { why });
}

/** Waits for a key; a key that another action has is named, and given over only on a second word. */
function Ask({ bench, action, done }: { bench: Bench; action: Action; done(): void }) {
  const field = useRef<HTMLSpanElement>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const owner = wanted ? ownerOf(wanted, action) : undefined;
  const fixed = wanted !== null && (FIXED.has(wanted) || (owner !== undefined && !mappable(owner)));
  const finish = (keys: readonly string[]): void => {
    done();
    void set(bench, remapped(ownKeys.peek(), action, keys));
  };
  useLayoutEffect(() => field.current?.focus(), []);
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229 || MODIFIERS.has(event.key.toLowerCase())) return;
    const onButton = (event.target as Element).tagName === "BUTTON";
    const key = chord(event);
    if (onButton && (key === "enter" || key === "space" || key === "tab")) return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "escape") done();
    else if (key === "backspace") finish([]);
    else if (FIXED.has(key) || ownerOf(key, action)) setWanted(key);
    else finish([key]);
  };
  return (
    <span class="row" onKeyDown={pressed}>
      <span ref={field} tabIndex={0} role="textbox" aria-label={bench.say("key_press")} class="key-ask">{wanted ? <Keys keys={wanted} /> : bench.say("key_press")}</span>
      {wanted && (
        <span role="alert" class="s">{fixed ? bench.say("key_fixed", { key: shown(wanted).join("+") }) : bench.say("key_taken", { key: shown(wanted).join("+"), name: owner ? bench.say(`do.${owner.name}`) : "" })}
          {!fixed && <> <button type="button" class="btn small" onClick={() => finish([wanted])}>{bench.say("key_take")}</button></>}</span>
      )}
    </span>
  );
}

/** Above all keys: how to change them, what became of the last change, and all back to how they were. */
export function KeysHead({ bench }: { bench: Bench }) {
  const any = Object.keys(ownKeys.value).length > 0;
  return (
    <p class="row q s"><span role="status" data-keys-said>{bench.ui.keysSaid.value || bench.say("keys_change")}</span>
      {any && <button type="button" class="btn small end" onClick={() => void set(bench, {})}>{bench.say("key_reset_all")}</button>}</p>
  );
}
