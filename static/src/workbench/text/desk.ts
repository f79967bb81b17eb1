/** Work on a text: the caret and what is selected, the label that is armed, and what marks and changes spans. */
import { computed, signal } from "@preact/signals";
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { defaults, labelKeys, labelOf, labelsFor, relabelled } from "../state/schema.ts";
import type { AnyObject, Bundle, SpanObject } from "../sync/bundle.ts";
import { isRelation, Links } from "./links.ts";
import { TextIndex } from "./offsets.ts";
import { Questions } from "./questions.ts";
import { Segments, type Grain, type Stretch } from "./segments.ts";
import type { TextView } from "./view.ts";

/** What is selected, in UTF-16 units; `anchor` and `focus` are equal for a caret alone. */
export interface Selected {
  anchor: number;
  focus: number;
}
export function isSpan(object: AnyObject | null | undefined): object is SpanObject {
  return object?.kind === "span";
}

export class TextDesk {
  readonly index = signal(new TextIndex(""));
  readonly selected = signal<Selected | null>(null);
  readonly grain = signal<Grain>("word");
  /** A label is in the hand: whatever is selected becomes a span of it at once. */
  readonly armed = signal(false);
  /** The word that a finger tapped first: the next tap says where the span ends. */
  readonly tapped = signal<Stretch | null>(null);
  readonly links: Links;
  readonly questions: Questions;
  view: TextView | null = null;
  segments = new Segments(this.index.peek());
  /** Spans in the order of the text, outer before inner. */
  readonly spans = computed(() => this.bench.store.document.value.objects.filter(isSpan).sort((a, b) => a.start - b.start || b.end - a.end));
  /** All objects in the order in which Tab goes through them: each relation after its head. */
  readonly order = computed((): AnyObject[] => {
    const after = new Map<string, AnyObject[]>();
    for (const relation of this.links.all.value) after.set(relation.from, [...(after.get(relation.from) ?? []), relation]);
    return this.spans.value.flatMap((span) => [span, ...(after.get(span.id) ?? [])]);
  });
  private last = "";
  private known = new WeakMap<SpanObject, Stretch>();
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
    this.links = new Links(bench, this);
    this.questions = new Questions(bench);
  }

  /** Whether the item is a text whose schema has spans to mark. */
  get marks(): boolean {
    return this.bench.hasText && labelsFor(this.bench.schema, "span").length > 0;
  }

  get keys(): Map<string, string> {
    if (!this.marks) return new Map();
    if (this.questions.held.value) return new Map(); // digits answer
    if (this.links.naming) return this.links.keys;
    return labelKeys({ ...this.bench.schema, labels: labelsFor(this.bench.schema, "span") }, this.bench.taken);
  }

  /** What is selected, snapped; null for a caret alone. */
  get stretch(): Stretch | null {
    const { value } = this.selected;
    return value && value.anchor !== value.focus ? this.segments.snapped(value.anchor, value.focus, this.grain.peek()) : null;
  }

  arrived(bundle: Bundle): void {
    const text = typeof bundle.item.text === "string" ? bundle.item.text : "";
    this.index.value = new TextIndex(text);
    this.segments = new Segments(this.index.peek());
    this.known = new WeakMap();
    this.selected.value = null;
    this.tapped.value = null;
    this.links.drop();
    this.questions.reset();
    if (!this.marks) return;
    const labels = labelsFor(bundle.schema, "span");
    const again = labels.some(({ name }) => name === this.last); // the label in the hand goes on to the next text
    this.last = again ? this.last : labels[0]!.name;
    this.bench.ui.label.value = this.last;
    if (!again) this.armed.value = false;
  }

  /** Where a span lies in UTF-16 units. Kept per object, for all are asked for at each change. */
  units(span: SpanObject): Stretch {
    let found = this.known.get(span);
    if (!found) {
      const index = this.index.peek();
      found = { start: index.toUnit(span.start), end: index.toUnit(span.end) };
      this.known.set(span, found);
    }
    return found;
  }

  select(anchor: number, focus: number): void {
    this.questions.held.value = false;
    this.tapped.value = null;
    this.selected.value = { anchor, focus };
  }

  /** The mouse let go of a selection: snapped, and marked when a label is armed. */
  swept(from: number, to: number): void {
    const stretch = this.segments.snapped(from, to, this.grain.peek());
    if (!stretch) return this.clicked(to);
    this.select(from <= to ? stretch.start : stretch.end, from <= to ? stretch.end : stretch.start);
    if (this.armed.peek()) this.mark(this.bench.ui.label.peek());
    else if (this.bench.store.selected.peek()) this.bench.choose(null);
  }

  /** A click on the words: the innermost span there, the next outer one when that is chosen already. */
  clicked(unit: number): void {
    this.select(unit, unit);
    const under = this.under(unit);
    const at = under.findIndex(({ id }) => id === this.bench.store.selected.peek());
    this.pick(under.length ? under[(at + 1) % under.length]!.id : null);
  }

  /** A span was pointed at: chosen, or taken as an end of the relation that is being made. */
  pick(id: string | null): void {
    if (id && this.links.making.peek()) return this.links.take(id);
    if (id && this.bench.suggestions.byId.peek().has(id)) {
      this.bench.suggestions.current.value = id;
      return this.bench.choose(null);
    }
    this.bench.choose(id);
  }

  private under(unit: number): SpanObject[] {
    const hidden = this.bench.store.hidden.peek();
    const found = this.spans.peek().filter((span) => {
      if (hidden.has(span.id)) return false;
      const { start, end } = this.units(span);
      return start <= unit && unit < end;
    });
    return found.sort((a, b) => a.end - a.start - (b.end - b.start));
  }

  /** A label's key or button: for what is selected, the chosen object, or from now on. */
  label(name: string): void {
    const { bench } = this;
    if (bench.store.frozen.peek()) return;
    if (this.links.naming) return this.links.name(name);
    if (!labelOf(bench.schema, name)?.kinds.includes("span")) return bench.tell("text_no_span", "warn", { label: name });
    if (this.stretch) return this.mark(name);
    const object = bench.editable();
    const again = this.armed.peek() && bench.ui.label.peek() === name;
    bench.ui.label.value = this.last = name;
    if (isSpan(object) && object.id !== bench.ui.fresh.peek()) bench.reshape(relabelled(bench.schema, object, name));
    else this.armed.value = !again;
  }

  mark(name: string): void {
    const { bench } = this;
    const stretch = this.stretch;
    if (!stretch || bench.store.frozen.peek() || !bench.working || !this.marks) return;
    const index = this.index.peek();
    const [start, end] = [index.toPoint(stretch.start), index.toPoint(stretch.end)];
    bench.ui.label.value = this.last = name;
    this.select(stretch.end, stretch.end);
    const same = this.spans.peek().find((span) => span.start === start && span.end === end && span.label === name);
    if (same) return bench.choose(same.id);
    const span: SpanObject = { id: identifier(), kind: "span", label: name, start, end, text: index.quote(start, end) };
    const attributes = defaults(labelOf(bench.schema, name)?.attributes);
    if (!bench.store.put(Object.keys(attributes).length ? { ...span, attributes } : span)) return;
    bench.choose(span.id);
    if (this.armed.peek()) bench.ui.fresh.value = span.id;
  }

  /** Moves one edge of the chosen span by a word or a grapheme. */
  stretchBy(edge: "start" | "end", by: 1 | -1): void {
    const span = this.bench.editable();
    if (!isSpan(span)) return;
    const index = this.index.peek();
    const now = this.units(span);
    const to = this.segments.step(now[edge], by, edge, this.grain.peek());
    if (to === null) return;
    const next = { ...now, [edge]: to };
    if (next.start >= next.end) return;
    const [start, end] = [index.toPoint(next.start), index.toPoint(next.end)];
    this.bench.reshape({ ...span, start, end, text: index.quote(start, end) }, `stretch ${span.id}`);
    this.view?.reveal(to);
  }

  /** The object `by` places further in the text; while a relation is made, the span that may be its end. */
  step(by: 1 | -1): void {
    const { store } = this.bench;
    const making = this.links.making.peek();
    const list = (making ? this.links.ends(making) : this.order.peek()).filter(({ id }) => !store.hidden.peek().has(id));
    if (!list.length) return;
    const now = making ? making.over : store.selected.peek();
    let at = list.findIndex(({ id }) => id === now);
    if (at < 0) {
      const head = store.byId.peek().get(making?.from ?? "");
      const caret = isSpan(head) ? head.start : this.index.peek().toPoint(this.selected.peek()?.focus ?? 0);
      const after = list.findIndex((object) => isSpan(object) && object.start >= caret);
      at = by > 0 ? (after < 0 ? list.length : after) - 1 : after < 0 ? list.length : after;
    }
    const next = list[(at + by + list.length) % list.length]!;
    if (making) this.links.point(next.id);
    else this.bench.choose(next.id);
    this.show(next);
  }

  /** Brings an object into view and the caret to it. */
  show(object: AnyObject): void {
    const span = isRelation(object) ? this.bench.store.byId.peek().get(object.from) : object;
    if (!isSpan(span)) return;
    const { start, end } = this.units(span);
    if (isSpan(object)) this.select(end, end);
    this.view?.reveal(start);
  }

  /** Escape: the question in the hand, the relation half made, what is selected, the armed label. False when there was none of these. */
  letGo(): boolean {
    if (this.questions.leave()) return true;
    if (this.links.making.peek()) this.links.drop();
    else if (this.stretch) this.select(this.selected.peek()!.focus, this.selected.peek()!.focus);
    else if (this.armed.peek() && !this.bench.store.selected.peek()) this.armed.value = false;
    else return false;
    return true;
  }
}
