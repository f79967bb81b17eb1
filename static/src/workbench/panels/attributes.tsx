/** Fields for attributes of every type of the schema, only those whose conditions hold now. */
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { applies, optionsOf, pressedOption } from "../state/schema.ts";
import type { Attribute, Attributes as Values, AttributeValue } from "../sync/bundle.ts";
import { Icon } from "./parts.tsx";

type Set = (name: string, value: AttributeValue | undefined) => void;
interface FieldProps {
  bench: Bench;
  attribute: Attribute;
  value: AttributeValue | undefined;
  id: string;
  set: (value: AttributeValue | undefined) => void;
}

function Segments({ bench, attribute, value, id, set }: FieldProps) {
  const choices: { value: AttributeValue; text: string }[] =
    attribute.type === "bool"
      ? [{ value: false, text: bench.say("no") }, { value: true, text: bench.say("yes") }]
      : optionsOf(attribute).map((option) => ({ value: option.name, text: titled(option, bench.config.language) }));
  const press = (one: AttributeValue): void => set(pressedOption(value, one, attribute.multiple === true));
  const keys = id === `item-${bench.choice?.name}` ? bench.choice!.keys : null;
  const disabled = bench.store.frozen.value;
  const long = choices.length > 4 || choices.some(({ text }) => text.length > 12);
  return (
    <span class={long ? "seg wrap" : "seg"} data-keyed={keys ? "" : undefined} role="group" aria-labelledby={id}>
      {choices.map(({ value: one, text }) => (
        <button type="button" disabled={disabled} aria-pressed={Array.isArray(value) ? value.includes(one as string) : value === one} onClick={() => press(one)}>
          {text}{keys?.has(one) && <kbd aria-hidden="true">{keys.get(one)}</kbd>}
        </button>
      ))}
    </span>
  );
}

function Choice(props: FieldProps) {
  const { bench, attribute, value, id, set } = props;
  const options = optionsOf(attribute);
  if (attribute.multiple || options.length <= 12) return <Segments {...props} />;
  return (
    <select aria-labelledby={id} disabled={bench.store.frozen.value} value={String(value ?? "")} onChange={(event) => set(event.currentTarget.value || undefined)}>
      <option value="">{bench.say("choose")}</option>
      {options.map((option) => <option value={option.name}>{titled(option, bench.config.language)}</option>)}
    </select>
  );
}

/** Text is kept letter by letter, a number when it is whole: "1." on the way to "1.5" is none. */
function Typed({ bench, attribute, value, id, set }: FieldProps) {
  const shared = { "aria-labelledby": id, disabled: bench.store.frozen.value, value: String(value ?? "") };
  if (attribute.type === "text") return <input type="text" {...shared} onInput={(event) => set(event.currentTarget.value || undefined)} />;
  const limits = { ...(attribute.min === undefined ? {} : { min: attribute.min }), ...(attribute.max === undefined ? {} : { max: attribute.max }) };
  return (
    <input type="number" step="any" {...shared} {...limits} onChange={(event) => {
      const typed = event.currentTarget.valueAsNumber;
      set(Number.isFinite(typed) ? typed : undefined);
    }} />
  );
}

interface Props {
  bench: Bench;
  attributes: readonly Attribute[] | undefined;
  values: Values;
  set: Set;
  /** What is wrong, by attribute name. */
  faults: ReadonlyMap<string, string>;
  prefix: string;
}
export function Attributes({ bench, attributes, values, set, faults, prefix }: Props) {
  const here = (attributes ?? []).filter((attribute) => applies(attribute, values));
  if (!here.length) return null;
  return (
    <div class="attrs">
      {here.map((attribute) => {
        const id = `${prefix}-${attribute.name}`;
        const why = faults.get(attribute.name);
        const Field = attribute.type === "bool" ? Segments : attribute.type === "choice" ? Choice : Typed;
        return (
          <div class="at" key={id} data-now={id === `item-${bench.choice?.name}` ? "" : undefined} data-fault={why ? "" : undefined}>
            <span id={id} title={attribute.description}>
              {titled(attribute, bench.config.language)}{attribute.required && <span class="must" title={bench.say("required")}> *</span>}
            </span>
            <Field bench={bench} attribute={attribute} value={values[attribute.name]} id={id} set={(value) => set(attribute.name, value)} />
            {why && <p class="s down row"><Icon name="bad" />{why}</p>}
          </div>
        );
      })}
    </div>
  );
}

export function ItemAttributes({ bench }: { bench: Bench }) {
  const { item } = bench.schema;
  if (!item?.length) return null;
  return (
    <section class="stack item">
      <h2>{bench.say("item_attributes")}</h2>
      <Attributes bench={bench} attributes={item} values={bench.store.document.value.item} faults={bench.ui.faults.value.item} prefix="item"
        set={(name, value) => bench.store.setItem(name, value)} />
    </section>
  );
}
