/** A very long paragraph in parts of some lines each: laying out one part never lays out the others. Cut where lines break. */
import { rangeOf } from "./measure.ts";
import type { Paragraph } from "./offsets.ts";

/** Paragraphs of more units than this are cut, into parts of about this many. */
export const LONG = 2400;

export interface Part extends Paragraph {
  /** A later part of its paragraph: reads in the direction that the paragraph begins with. */
  follows: boolean;
}

/** The last unit of `words` where a line begins, 0 when there is but one line. */
function lastLine(words: HTMLElement, length: number): number {
  const topOf = (unit: number): number => {
    const rects = rangeOf(words, unit, unit + 1)!.getClientRects();
    return rects[rects.length - 1]?.top ?? Infinity;
  };
  // The last letter that takes up room: blanks at the end may hang behind the line.
  let last = length - 1;
  while (last > 0 && topOf(last) === Infinity) last--;
  const top = topOf(last) - 6;
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (topOf(middle) > top) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The paragraph in parts, as lines break at the width that `prose` has now. */
export function cut(at: Paragraph, text: string, prose: HTMLElement): Part[] {
  if (at.end - at.start <= LONG * 1.5) return [{ ...at, follows: false }];
  const words = document.createElement("div");
  words.className = "words";
  const block = document.createElement("div");
  block.className = "para";
  block.append(words);
  prose.append(block);
  const parts: Part[] = [];
  let start = at.start;
  while (at.end - start > LONG * 1.5) {
    words.dir = parts.length ? getComputedStyle(words).direction : "auto";
    words.textContent = text.slice(start, start + LONG);
    let end = start + lastLine(words, LONG);
    const code = text.charCodeAt(end);
    if (code >= 0xdc00 && code <= 0xdfff) end--; // never within a pair
    if (end <= start) break; // one line holds it all
    parts.push({ start, end, next: end, follows: start > at.start });
    start = end;
  }
  block.remove();
  parts.push({ start, end: at.end, next: at.next, follows: start > at.start });
  return parts;
}

/** The part that holds a unit; where one ends and the next begins, the next. */
export function partAt(parts: readonly Paragraph[], unit: number): number {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (parts[middle]!.start <= unit) low = middle;
    else high = middle - 1;
  }
  return low;
}
