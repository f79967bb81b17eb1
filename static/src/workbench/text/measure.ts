/** Where words stand on the screen: a stretch of a paragraph as runs, one or more per line. */
import type { Run } from "./stack.ts";

/** Pixels from one line to the next, without marks; the font's own height; what one level of marks takes. */
export const LINE = 28;
export const GLYPHS = 20;
export const LEVEL = 15;

export interface Lines {
  /** The element that holds nothing but the paragraph's text node. */
  words: HTMLElement;
  lineHeight: number;
}

/** A DOM range over units of the paragraph. */
export function rangeOf(words: HTMLElement, from: number, to: number): Range | null {
  const node = words.firstChild;
  if (!(node instanceof Text)) return null;
  const range = document.createRange();
  range.setStart(node, Math.min(from, node.length));
  range.setEnd(node, Math.min(to, node.length));
  return range;
}

/** The runs of a stretch in the paragraph's own pixels. Text of both directions may give several on one line. */
export function runsOf({ words, lineHeight }: Lines, from: number, to: number): Run[] {
  const range = rangeOf(words, from, to);
  if (!range) return [];
  const at = words.getBoundingClientRect();
  const runs: Run[] = [];
  for (const rect of range.getClientRects()) {
    if (rect.width < 0.5) continue;
    const line = Math.max(0, Math.floor((rect.top + rect.height / 2 - at.top) / lineHeight));
    const run = { line, left: rect.left - at.left, right: Math.min(rect.right, at.right + 4) - at.left };
    const last = runs.find((one) => one.line === line && one.left <= run.right + 1 && run.left <= one.right + 1);
    if (last) [last.left, last.right] = [Math.min(last.left, run.left), Math.max(last.right, run.right)];
    else runs.push(run);
  }
  return runs;
}

/** Top of the letters of a line, in the paragraph's pixels. */
export function lettersTop(line: number, lineHeight: number): number {
  return line * lineHeight + (lineHeight - GLYPHS) / 2;
}

let pen: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();

/** Width of a tag with this word. */
export function tagWidth(word: string): number {
  let width = widths.get(word);
  if (width === undefined) {
    pen ??= document.createElement("canvas").getContext("2d")!;
    pen.font = `600 10px ${getComputedStyle(document.body).fontFamily}`;
    width = Math.ceil(pen.measureText(word).width) + 10;
    widths.set(word, width);
  }
  return width;
}
