/** The caret and the selection by keyboard: by words or graphemes, by lines, to the edges of a line or of the text. */
import type { Bench } from "../bench.ts";

export type Move = "left" | "right" | "up" | "down" | "home" | "end" | "top" | "bottom";

/** Moves the caret, or with `extend` the focus of what is selected. Left and right are those of the screen. */
export function moveCaret(bench: Bench, move: Move, extend: boolean): void {
  const { text } = bench;
  const before = text.selected.peek() ?? { anchor: 0, focus: 0 };
  const to = target(bench, move, extend, before.anchor, before.focus);
  if (to === null) return;
  text.select(extend ? before.anchor : to, to);
  if (extend && bench.store.selected.peek()) bench.choose(null);
  text.view?.reveal(to);
}

function target(bench: Bench, move: Move, extend: boolean, anchor: number, focus: number): number | null {
  const { text } = bench;
  const index = text.index.peek();
  if (move === "top") return 0;
  if (move === "bottom") return index.text.length;
  const paragraph = index.paragraphs[index.paragraphAt(focus)]!;
  if (move === "home") return paragraph.start;
  if (move === "end") return paragraph.end;
  if (move === "up" || move === "down") return text.view?.lineFrom(focus, move === "up" ? -1 : 1) ?? null;
  const forward = (move === "right") !== (text.view?.rightToLeft(focus) ?? false);
  const grain = text.grain.peek();
  if (forward) {
    const next = text.segments.step(focus, 1, extend && focus >= anchor ? "end" : "start", grain);
    return next ?? index.text.length;
  }
  return text.segments.step(focus, -1, extend && focus > anchor ? "end" : "start", grain) ?? (extend ? null : 0);
}

/** Left or right arrow moves an edge of the chosen span: outwards or inwards as it is seen. */
export function stretchSeen(bench: Bench, edge: "start" | "end", side: "left" | "right"): void {
  const span = bench.editable();
  if (span?.kind !== "span") return;
  const at = bench.text.units(span)[edge];
  const forward = (side === "right") !== (bench.text.view?.rightToLeft(at) ?? false);
  bench.text.stretchBy(edge, forward ? 1 : -1);
}
