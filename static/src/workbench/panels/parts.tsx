/** Small parts that all panels share. */
import type { ComponentChildren } from "preact";
import type { Bench } from "../bench.ts";
import { titled } from "../../kit/words.ts";
import { shown, spoken } from "../actions/keys.ts";
import { keysOf } from "../actions/keymap.ts";
import { actionNamed } from "../actions/table.ts";
import { labelOf } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";

export function Icon({ name, says }: { name: string; says?: string }) {
  return says ? (
    <svg class="i" role="img" aria-label={says}><use href={`#i-${name}`} /></svg>
  ) : (
    <svg class="i" aria-hidden="true"><use href={`#i-${name}`} /></svg>
  );
}

const SIGNS: Record<string, string> = { "→": "to", "←": "fro", "↵": "enter" };

/** An arrow that is drawn, for not every font has one; told as the character that it is. */
export function Sign({ text }: { text: string }) {
  return <Icon name={SIGNS[text]!} says={text} />;
}

export function Keys({ keys }: { keys: string }) {
  return <span class="keyset">{shown(keys).map((part) => <kbd>{[...part].some((sign) => SIGNS[sign]) ? [...part].map((sign) => SIGNS[sign] ? <Sign text={sign} /> : sign) : part}</kbd>)}</span>;
}

/** A colour of a label: set through the object model, which the content policy allows where it forbids style attributes. */
export function Swatch({ colour }: { colour: string }) {
  return <span class="sw" aria-hidden="true" ref={(element) => element?.style.setProperty("--c", colour)} />;
}

interface ActProps {
  bench: Bench;
  name: string;
  class?: string;
  /** Shows the key beside the word. */
  keyed?: boolean;
  children?: ComponentChildren;
}
/** A button that does what an action of the table does, dead when the action is. */
export function Act({ bench, name, class: look = "btn small", keyed = true, children }: ActProps) {
  const action = actionNamed(name);
  const word = bench.say(`do.${name}`);
  const key = keysOf(action)[0] ?? "";
  return (
    <button type="button" class={look} disabled={action.when?.(bench) === false} onClick={() => action.run(bench)} title={key ? `${word} (${shown(key).join("+")})` : word} aria-keyshortcuts={key ? spoken(key) : undefined}>
      {children ?? word}
      {keyed && key && <Keys keys={key} />}
    </button>
  );
}

/** "car 2": the label's title and the object's number among those of its label. */
export function nameOf(bench: Bench, object: AnyObject): string {
  const label = labelOf(bench.schema, object.label);
  const alike = bench.store.document.value.objects.filter((one) => one.label === object.label);
  const title = label ? titled(label, bench.config.language) : object.label;
  return alike.length > 1 ? `${title} ${alike.findIndex(({ id }) => id === object.id) + 1}` : title;
}
