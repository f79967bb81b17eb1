/** A finger over a text: tap the first word and the last, or adjust the selection of a long press; then a label. */
import type { Bench } from "../bench.ts";
import type { TextView } from "./view.ts";

/** Milliseconds in which the handles of the native selection rest before it counts. */
const REST = 500;

/** Whether the last press was a finger's: the browser sends a mouse's events after it. */
export class Touch {
  down = false;
  private timer = 0;
  private readonly view: TextView;
  private readonly bench: Bench;

  constructor(view: TextView, bench: Bench, on: AbortSignal) {
    this.view = view;
    this.bench = bench;
    addEventListener("pointerdown", (event) => (this.down = event.pointerType === "touch"), { signal: on, capture: true });
    document.addEventListener("selectionchange", () => this.changed(), { signal: on });
    on.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** The handles move without any event of the finger: what they rest on is selected, and marked when a label is in the hand. */
  private changed(): void {
    clearTimeout(this.timer);
    if (!this.down) return;
    this.timer = window.setTimeout(() => {
      const native = getSelection();
      if (!native || native.isCollapsed) return;
      const [from, to] = [this.view.unitAt(native.anchorNode, native.anchorOffset), this.view.unitAt(native.focusNode, native.focusOffset)];
      const now = this.bench.text.selected.peek();
      if (from === null || to === null || (now?.anchor === from && now.focus === to)) return;
      this.bench.text.swept(from, to);
    }, REST);
  }

  /** A tap on the words. */
  tapped(x: number, y: number): void {
    const { text, store } = this.bench;
    const unit = this.view.unitUnder(x, y);
    if (unit === null) return;
    const first = text.tapped.peek();
    const word = text.segments.snapped(unit, unit + 1, "word") ?? text.segments.snapped(unit - 1, unit, "word");
    if (text.links.making.peek() || store.frozen.peek() || !text.marks || !word) return text.clicked(unit);
    if (first) return text.swept(Math.min(first.start, word.start), Math.max(first.end, word.end));
    text.clicked(unit);
    if (store.selected.peek() || this.bench.suggestions.current.peek()) return; // a mark was there
    text.select(word.start, word.end);
    text.tapped.value = word;
  }
}
