/** Classification by digits: which question about the item the digits answer now, and the way to the next. */
import { signal } from "@preact/signals";
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

export class Questions {
  /** The question that was turned to; null: the first without an answer. */
  private readonly turned = signal<string | null>(null);
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  reset(): void {
    this.turned.value = null;
  }

  get now(): Question | null {
    const values = this.bench.store.document.value.item;
    const question = current(answerable(this.bench.schema.item, values), values, this.turned.value);
    if (!question) return null;
    const options: AttributeValue[] = question.type === "bool" ? [false, true] : optionsOf(question).map(({ name }) => name);
    return {
      name: question.name,
      keys: new Map(options.slice(0, 10).map((option, index) => [option, DIGITS[index]!])),
      multiple: question.multiple === true,
    };
  }

  /** After an answer: a question of several answers stays, one of a single answer makes room for the next open one. */
  answered(name: string, multiple: boolean): void {
    const values = this.bench.store.document.peek().item;
    const open = answerable(this.bench.schema.item, values).some((one) => one.name !== name && values[one.name] === undefined);
    this.turned.value = multiple || !open || values[name] === undefined ? name : null;
  }

  turn(by: 1 | -1): void {
    const questions = answerable(this.bench.schema.item, this.bench.store.document.peek().item);
    const at = questions.findIndex(({ name }) => name === this.now?.name);
    const next = questions[(at + by + questions.length) % questions.length];
    if (next) this.turned.value = next.name;
  }
}
