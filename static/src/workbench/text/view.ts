/** The text on the page: paragraphs once, marks of those near the view, arcs, caret; what the hand does to them. */
import { effect, signal, untracked } from "@preact/signals";
import type { Bench } from "../bench.ts";
import { changeStepped } from "../actions/reviewing.ts";
import { Arcs, type Arc, type End } from "./arcs.ts";
import { drawn, type Drawn } from "./drawn.ts";
import { isSpan } from "./desk.ts";
import { listenToHand } from "./hand.ts";
import { rangeOf } from "./measure.ts";
import { ParagraphView, type Mark } from "./paragraph.ts";
import { cut, LONG, partAt, type Part } from "./parts.ts";

/** Screens above and below the view in which marks are drawn ahead. */
const AHEAD = "100%";

export class TextView {
  readonly host: HTMLElement;
  readonly prose = document.createElement("div");
  /** What the text is drawn in: its paragraphs, very long ones in parts. */
  paragraphs: ParagraphView[] = [];
  private readonly parts = signal<readonly Part[]>([]);
  private readonly caret = document.createElement("div");
  private readonly arcs = new Arcs();
  private readonly near = new Set<ParagraphView>();
  private readonly bench: Bench;
  private readonly stops: (() => void)[] = [];
  private readonly watch: IntersectionObserver;
  private frame = 0;
  private width = 0;
  private relations: Drawn["arcs"] = [];

  constructor(host: HTMLElement, bench: Bench) {
    this.host = host;
    this.bench = bench;
    this.prose.className = "prose";
    this.caret.className = "caret";
    this.prose.append(this.arcs.element, this.caret);
    host.replaceChildren(this.prose);
    host.scrollTop = 0;
    const seen = (this.watch = new IntersectionObserver((entries) => this.seen(entries), { root: host, rootMargin: `${AHEAD} 0px` }));
    this.width = this.prose.clientWidth;
    this.build();
    const sized = new ResizeObserver(() => this.resized());
    sized.observe(this.prose);
    const later = (): void => this.later();
    host.addEventListener("scroll", later, { passive: true });
    document.fonts?.addEventListener("loadingdone", this.forget);
    this.stops.push(
      () => seen.disconnect(), () => sized.disconnect(), () => host.removeEventListener("scroll", later),
      () => document.fonts?.removeEventListener("loadingdone", this.forget),
      effect(() => this.marked()), effect(() => this.lit()), effect(() => this.placeCaret()), effect(() => this.steppedTo()), listenToHand(this, bench),
    );
    bench.text.view = this;
  }

  /** The paragraphs as elements; again when another width breaks the lines of very long ones elsewhere. */
  private build(): void {
    const index = this.bench.text.index.peek();
    const parts = index.paragraphs.flatMap((at) => cut(at, index.text, this.prose));
    const least = this.bench.text.marks ? 1 : 0;
    for (const { element } of this.paragraphs) element.remove();
    this.watch.disconnect();
    this.near.clear();
    this.paragraphs = parts.map((at, number) => new ParagraphView(at, index.text.slice(at.start, at.end), number, least));
    this.prose.prepend(...this.paragraphs.map(({ element }) => element));
    for (const [number, { words, element }] of this.paragraphs.entries()) {
      if (parts[number]!.follows) words.dir = getComputedStyle(this.paragraphs[number - 1]!.words).direction;
      this.watch.observe(element);
    }
    this.parts.value = parts;
  }

  /** The paragraph, or part of one, that holds the unit. */
  private holding(unit: number): ParagraphView {
    return this.paragraphs[partAt(this.parts.peek(), unit)]!;
  }

  close(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.frame);
    if (this.bench.text.view === this) this.bench.text.view = null;
  }

  /** The unit of a DOM position; null when it is not in the words. */
  unitAt(node: Node | null, offset: number): number | null {
    const element = node instanceof Element ? node : node?.parentElement;
    const paragraph = this.paragraphs[Number(element?.closest<HTMLElement>(".para")?.dataset.number ?? -1)];
    if (!paragraph || !node) return null;
    if (node instanceof Text) return paragraph.words.contains(node) ? Math.min(paragraph.at.start + offset, paragraph.at.end) : null;
    return offset === 0 ? paragraph.at.start : paragraph.at.end;
  }

  /** The unit at a place of the window. */
  unitUnder(x: number, y: number): number | null {
    const found = document.caretPositionFromPoint?.(x, y);
    if (found) return this.unitAt(found.offsetNode, found.offset);
    const range = document.caretRangeFromPoint?.(x, y);
    return range ? this.unitAt(range.startContainer, range.startOffset) : null;
  }

  rightToLeft(unit: number): boolean {
    return this.holding(unit).rightToLeft;
  }

  /** The unit a line above (-1) or below (1), as near as it can be. */
  lineFrom(unit: number, by: 1 | -1): number | null {
    const at = this.rectOf(unit);
    const paragraph = this.holding(unit);
    this.reveal(unit, paragraph.lineHeight * 1.5);
    const now = this.rectOf(unit);
    if (!at || !now) return null;
    let y = now.top + now.height / 2;
    for (let tries = 0; tries < 6; tries++) {
      y += (by * paragraph.lineHeight) / 2;
      const found = this.unitUnder(now.left + 0.5, y);
      const rect = found === null ? null : this.rectOf(found);
      if (found !== null && rect && Math.abs(rect.top - now.top) > 4) return found;
    }
    return null;
  }

  /** Scrolls so that the unit is seen, `slack` pixels from the edge. */
  reveal(unit: number, slack = 48): void {
    const rect = this.rectOf(unit);
    const view = this.host.getBoundingClientRect();
    if (!rect) return;
    if (rect.top < view.top + slack) this.host.scrollTop -= view.top + slack - rect.top;
    else if (rect.bottom > view.bottom - slack) this.host.scrollTop += rect.bottom - (view.bottom - slack);
  }

  private rectOf(unit: number): DOMRect | null {
    const { words, at } = this.holding(unit);
    const offset = Math.min(unit, at.end) - at.start;
    const range = rangeOf(words, offset, offset);
    const rects = range?.getClientRects();
    // After a wrapped blank there are two places: the later is where the next letter goes.
    return rects?.[rects.length - 1] ?? words.getBoundingClientRect();
  }

  // -- what is drawn --

  /** Other objects, labels or faults: each paragraph whose marks changed is drawn anew. */
  private marked(): void {
    const now = drawn(this.bench, this.parts.value);
    untracked(() => this.mark(now)); // what is chosen or pointed at has its own effect
  }

  private mark({ marks, arcs, ends }: Drawn): void {
    this.relations = arcs;
    for (const [number, paragraph] of this.paragraphs.entries()) {
      const [next, arched] = [marks.get(number) ?? [], ends.has(number)];
      if (arched === paragraph.arcs && same(next, paragraph.marks)) continue;
      paragraph.set(next, arched);
    }
    this.paintNear();
    this.lit();
    this.drawArcs();
  }

  private seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const paragraph = this.paragraphs[Number((target as HTMLElement).dataset.number)]!;
      if (isIntersecting) this.near.add(paragraph);
      else this.near.delete(paragraph);
    }
    untracked(() => this.draw());
  }

  private resized(): void {
    const width = this.prose.clientWidth;
    if (width === this.width) return this.later();
    this.width = width;
    if (this.bench.text.index.peek().paragraphs.some(({ start, end }) => end - start > LONG)) this.build();
    this.forget();
  }

  private readonly forget = (): void => {
    for (const paragraph of this.paragraphs) paragraph.forget();
    this.later();
  };

  private later(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    this.paintNear();
    this.lit();
    this.drawArcs();
    this.placeCaret();
  }

  /** Lines that become higher must not push away what is read: the caret's line, or the topmost, stays where it is. */
  private paintNear(): void {
    const moves = [...this.near].some(({ ready }) => !ready);
    const unit = moves ? this.fixed() : null;
    const before = unit === null ? 0 : this.rectOf(unit)!.top;
    for (const paragraph of this.near) this.paint(paragraph);
    if (unit === null) return;
    const moved = this.rectOf(unit)!.top - before;
    if (Math.abs(moved) < 1) return;
    this.host.scrollTop += moved;
    for (const paragraph of this.near) this.paint(paragraph);
  }

  private fixed(): number | null {
    const view = this.host.getBoundingClientRect();
    const caret = this.bench.text.selected.peek()?.focus;
    const rect = caret === undefined ? null : this.rectOf(caret);
    if (rect && rect.bottom > view.top && rect.top < view.bottom) return caret!;
    return this.host.scrollTop > 0 ? this.unitUnder(view.left + view.width / 2, view.top + 20) : null;
  }

  private paint(paragraph: ParagraphView): void {
    const top = this.host.scrollTop - paragraph.element.offsetTop - this.prose.offsetTop;
    paragraph.paint(top, top + this.host.clientHeight);
  }

  /** Marks chosen, pointed at, or to be the end of a relation. */
  private lit(): void {
    const { store, ui, text, suggestions } = this.bench;
    const making = text.links.making.value;
    const looks: Record<string, string | null> = { "m-on": store.selected.value, "m-over": ui.hovered.value, "m-head": making?.from ?? null, "m-goal": making?.over ?? suggestions.current.value };
    for (const [look, id] of Object.entries(looks)) {
      for (const element of this.prose.querySelectorAll(`[data-id].${look}`)) if ((element as HTMLElement).dataset.id !== id) element.classList.remove(look);
      if (id) for (const element of this.prose.querySelectorAll(`[data-id="${CSS.escape(id)}"]`)) element.classList.add(look);
    }
  }

  /** Where a span's letters begin, in the prose's pixels. */
  end(id: string): End | null {
    const span = this.bench.text.spans.peek().find((one) => one.id === id);
    if (!span) return null;
    const paragraph = this.holding(this.bench.text.units(span).start);
    const at = paragraph.anchor(id);
    return at && { x: at.x + paragraph.element.offsetLeft, y: at.y + paragraph.element.offsetTop };
  }

  private drawArcs(): void {
    if (!this.relations.length && !this.arcs.element.querySelector(".arc")) return;
    const [top, height] = [this.host.scrollTop, this.host.clientHeight];
    const selected = this.bench.store.selected.peek();
    const objects = this.bench.store.byId.peek();
    this.arcs.draw(this.relations.flatMap((one): Arc[] => {
      const relation = objects.get(one.id) as { from: string; to: string } | undefined;
      const [from, to] = [relation && this.end(relation.from), relation && this.end(relation.to)];
      if (!from || !to || Math.max(from.y, to.y) < top - height || Math.min(from.y, to.y) > top + 2 * height) return [];
      return [{ ...one, from, to, on: one.id === selected }];
    }));
  }

  /** A line from a span to the hand while a relation is dragged. */
  follow(from: string | null, x = 0, y = 0): void {
    const at = this.prose.getBoundingClientRect();
    this.arcs.follow(from ? this.end(from) : null, { x: x - at.left, y: y - at.top });
  }

  /** A suggestion, a change or a disagreement was stepped to: it comes into view. */
  private steppedTo(): void {
    const { round, suggestions, text } = this.bench;
    const at = round.at.value;
    const gone = round.gone.find(({ id }) => id === changeStepped(this.bench));
    const object = suggestions.chosen.value ?? round.sides.peek().disputes[at]?.has.flat()[0] ?? (at >= 0 ? (this.bench.store.current.peek() ?? gone) : undefined);
    if (isSpan(object)) untracked(() => this.reveal(text.units(object).start));
  }

  private placeCaret(): void {
    const selected = this.bench.text.selected.value;
    this.caret.hidden = !selected || selected.anchor !== selected.focus;
    if (!selected) return;
    if (this.caret.hidden) return this.showSelection(selected.anchor, selected.focus);
    const rect = this.rectOf(selected.focus);
    const at = this.prose.getBoundingClientRect();
    if (rect) this.caret.style.translate = `${rect.left - at.left}px ${rect.top - at.top}px`;
    const native = getSelection();
    if (native && !native.isCollapsed && this.host.contains(native.anchorNode)) native.removeAllRanges();
  }

  private showSelection(anchor: number, focus: number): void {
    const place = (unit: number): [Node, number] => {
      const { words, at } = this.holding(unit);
      return [words.firstChild!, words.firstChild instanceof Text ? Math.min(unit, at.end) - at.start : 0];
    };
    const [native, from, to] = [getSelection(), place(anchor), place(focus)];
    // Set anew, a finger would lose the handles it holds.
    if (native?.anchorNode === from[0] && native.anchorOffset === from[1] && native.focusNode === to[0] && native.focusOffset === to[1]) return;
    native?.setBaseAndExtent(...from, ...to);
  }
}

function same(a: readonly Mark[], b: readonly Mark[]): boolean {
  return a.length === b.length && a.every((mark, index) => {
    const other = b[index]!;
    return (Object.keys(mark) as (keyof Mark)[]).every((key) => (key === "pins" ? mark.pins.join() === other.pins.join() : mark[key] === other[key]));
  });
}

