/** Relations between spans: which the schema allows, and the making of one, first its head, then its tail. */
import { computed, signal } from "@preact/signals";
import { identifier } from "../../kit/identifier.ts";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import type { AnyObject, RelationLabel, RelationObject, SchemaDocument, SpanObject } from "../sync/bundle.ts";
import type { TextDesk } from "./desk.ts";

/** `over` is the span that is pointed at by Tab, taken by Enter. */
export interface Making {
  from: string | null;
  over: string | null;
}

export function isRelation(object: AnyObject | null | undefined): object is RelationObject {
  return object?.kind === "relation";
}

/** The relations that may lead from one label to another; an end without a list takes every label. */
export function allowed(schema: SchemaDocument, from: string, to: string | null): RelationLabel[] {
  const takes = (list: readonly string[] | undefined, label: string): boolean => !list?.length || list.includes(label);
  return (schema.relations ?? []).filter((one) => takes(one.from, from) && (to === null || takes(one.to, to)));
}

export class Links {
  readonly making = signal<Making | null>(null);
  /** The relation of the next arc, when it is allowed there. */
  readonly next = signal("");
  readonly all = computed(() => this.bench.store.document.value.objects.filter(isRelation));
  private readonly bench: Bench;
  private readonly desk: TextDesk;

  constructor(bench: Bench, desk: TextDesk) {
    this.bench = bench;
    this.desk = desk;
  }

  get possible(): boolean {
    return this.desk.marks && (this.bench.schema.relations ?? []).length > 0;
  }

  /** Whether digits name relations now. */
  get naming(): boolean {
    return this.making.value !== null || isRelation(this.bench.store.current.value);
  }

  get keys(): Map<string, string> {
    return new Map((this.bench.schema.relations ?? []).slice(0, 10).map(({ name }, index) => [name, "1234567890"[index]!]));
  }

  drop(): void {
    this.making.value = null;
  }

  /** R: begins with the chosen span as head, or takes what is pointed at. */
  begin(): void {
    const now = this.making.peek();
    if (now) return now.over ? this.take(now.over) : this.drop();
    const chosen = this.bench.store.current.peek();
    const head = chosen?.kind === "span" ? chosen.id : null;
    this.making.value = { from: head, over: null };
    this.bench.tell(head ? "text_choose_tail" : "text_choose_head", "info");
  }

  /** The spans that Tab offers: heads of any relation, or tails that the schema allows for the head; all others when there is none. */
  ends({ from }: Making): SpanObject[] {
    const { schema, store } = this.bench;
    const head = store.byId.peek().get(from ?? "");
    const others = this.desk.spans.peek().filter(({ id }) => id !== from);
    const fit = others.filter(({ label }) => (head ? allowed(schema, head.label, label) : allowed(schema, label, null)).length > 0);
    return fit.length ? fit : others;
  }

  point(id: string): void {
    const now = this.making.peek();
    if (now) this.making.value = { ...now, over: id };
  }

  /** A span is chosen as the head, or as the tail: then the relation is there. */
  take(id: string): void {
    const now = this.making.peek();
    if (!now) return;
    if (now.from === null) {
      this.making.value = { from: id, over: null };
      this.bench.choose(id);
      this.bench.tell("text_choose_tail", "info");
    } else if (this.join(now.from, id)) this.drop();
  }

  /** The relation between two spans, or why there can be none. */
  join(from: string, to: string): boolean {
    const { bench } = this;
    const [head, tail] = [bench.store.byId.peek().get(from), bench.store.byId.peek().get(to)];
    if (!head || !tail || from === to || bench.store.frozen.peek()) return false;
    const fits = allowed(bench.schema, head.label, tail.label);
    const label = fits.find(({ name }) => name === this.next.peek()) ?? fits[0];
    if (!label) {
      const others = allowed(bench.schema, head.label, null).map((one) => titled(one, bench.config.language));
      bench.tell(others.length ? "text_no_relation_but" : "text_no_relation", "warn", { from: head.label, to: tail.label, others: others.join(", ") });
      return false;
    }
    const there = this.all.peek().find((one) => one.from === from && one.to === to && one.label === label.name);
    const relation: RelationObject = there ?? { id: identifier(), kind: "relation", label: label.name, from, to };
    if (!there && !bench.store.put(relation)) return false;
    bench.ui.message.value = null;
    bench.choose(relation.id);
    return true;
  }

  /** A relation's key: for the chosen arc if it may have it, and for the next. */
  name(name: string): void {
    const { bench } = this;
    const arc = bench.store.current.peek();
    if (this.making.peek() || !isRelation(arc)) {
      this.next.value = name;
      return;
    }
    const [head, tail] = [bench.store.byId.peek().get(arc.from), bench.store.byId.peek().get(arc.to)];
    if (head && tail && !allowed(bench.schema, head.label, tail.label).some((one) => one.name === name)) {
      return bench.tell("text_no_relation", "warn", { from: head.label, to: tail.label });
    }
    this.next.value = name;
    if (bench.editable()) bench.reshape({ ...arc, label: name });
  }
}
