/** Questions about the item by keys: which one the digits answer now, the way to the next, and back to the work. */
import { effect, signal } from "@preact/signals";
import type { Bench } from "../bench.ts";
import { applies, optionsOf } from "../state/schema.ts";
import type { Attribute, Attributes, AttributeValue } from "../sync/bundle.ts";

export interface Question {
  name: string;
  keys: Map<AttributeValue, string>;
  multiple: boolean;
}
const DIGITS = "1234567890";

/** What digits can answer: choices, and yes or no. */
export function answerable(item: readonly Attribute[] | undefined, values: Attributes): Attribute[] {
  return (item ?? []).filter((one) => (one.type === "choice" || one.type === "bool") && applies(one, values));
}

/** The question named, else the first without an answer, else the last. */
export function current(questions: readonly Attribute[], values: Attributes, named: string | null): Attribute | undefined {
  return questions.find(({ name }) => name === named) ?? questions.find(({ name }) => values[name] === undefined) ?? questions.at(-1);
}

/** Whether a question has its field where one types or picks from a menu. */
function fieldOf(name: string): HTMLElement | null {
  const found = document.querySelector<HTMLElement>(`[aria-labelledby="item-${CSS.escape(name)}"]`);
  return found?.matches("input, select") ? found : null;
}

export class Questions {
  /** Where there is something to mark or draw, digits name labels until a question is turned to. */
  readonly held = signal(false);
  /** The question that was turned to; null: the first without an answer. */
  private readonly turned = signal<string | null>(null);
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
    effect(() => {
      if (bench.store.selected.value) this.held.value = false; // work goes on with an object
    });
  }

  reset(): void {
    this.turned.value = null;
    this.held.value = false;
  }

  /** Whether the questions are all there is to do: then digits always answer them. */
  private get alone(): boolean {
    return !this.bench.hasPicture && !this.bench.text.marks;
  }

  /** All that can be asked now, fields to type in too. */
  get all(): Attribute[] {
    const values = this.bench.store.document.value.item;
    return (this.bench.schema.item ?? []).filter((one) => applies(one, values));
  }

  get now(): Question | null {
    if (!this.alone && !this.held.value) return null;
    const values = this.bench.store.document.value.item;
    const named = this.all.find(({ name }) => name === this.turned.value);
    const question = named ?? current(answerable(this.bench.schema.item, values), values, null);
    if (!question) return null;
    const options: AttributeValue[] = question.type === "bool" ? [false, true] : question.type === "choice" ? optionsOf(question).map(({ name }) => name) : [];
    return {
      name: question.name,
      keys: new Map(options.slice(0, 10).map((option, index) => [option, DIGITS[index]!])),
      multiple: question.multiple === true,
    };
  }

  /** After an answer: a question of several answers stays, one of a single answer makes room for the next open one, the last for the work. */
  answered(name: string, multiple: boolean): void {
    const values = this.bench.store.document.peek().item;
    const open = answerable(this.bench.schema.item, values).some((one) => one.name !== name && values[one.name] === undefined);
    const stays = multiple || !open || values[name] === undefined;
    this.turned.value = stays ? name : null;
    if (!this.alone && !multiple && !open) this.leave();
    else this.show();
  }

  turn(by: 1 | -1): void {
    const questions = this.all;
    const values = this.bench.store.document.peek().item;
    if (!this.alone && !this.held.peek()) {
      const open = questions.find(({ name }) => values[name] === undefined);
      return this.hold((open ?? questions[by > 0 ? 0 : questions.length - 1])?.name);
    }
    const at = questions.findIndex(({ name }) => name === this.now?.name);
    this.hold(questions[(at + by + questions.length) % questions.length]?.name);
  }

  /** This question is in the hand: its digits answer it, or its field has the focus. */
  hold(name: string | undefined): void {
    if (!name) return;
    if (!this.alone) this.bench.choose(null);
    this.turned.value = name;
    this.held.value = !this.alone;
    this.show();
  }

  /** Back to the text. False when no question was in the hand. */
  leave(): boolean {
    const field = document.activeElement?.closest(".side .item") ? (document.activeElement as HTMLElement) : null;
    if (!this.held.peek() && !field) return false;
    this.held.value = false;
    this.toWork(field);
    return true;
  }

  private toWork(field: HTMLElement | null): void {
    const { view } = this.bench.text;
    if (view) view.host.focus({ preventScroll: true });
    else field?.blur();
  }

  private show(): void {
    requestAnimationFrame(() => {
      const name = this.now?.name;
      if (!name) return;
      document.getElementById(`item-${name}`)?.parentElement?.scrollIntoView({ block: "nearest" });
      const field = fieldOf(name);
      if (field) field.focus();
      else if (document.activeElement?.closest(".side .item")) this.toWork(document.activeElement as HTMLElement);
    });
  }
}
