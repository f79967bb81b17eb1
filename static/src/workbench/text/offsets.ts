/** Places in a text: code points (what is stored), UTF-16 units (what the browser counts), and paragraph with offset (what is drawn). */

export interface Paragraph {
  /** UTF-16 units; `end` lies before the line break, which is not drawn. */
  start: number;
  end: number;
  /** After the line break: where the next paragraph starts. */
  next: number;
}
export interface Place {
  paragraph: number;
  offset: number;
}
/** Units between two stored counts: a conversion never looks at more than this many. */
const STEP = 512;
const SURROGATE = /[\ud800-\udfff]/;

/** A pair of surrogates counts as one code point, a lone one (which no server sends) as one too. */
function isPair(text: string, unit: number): boolean {
  const high = text.charCodeAt(unit);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(unit + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

function paragraphsOf(text: string): Paragraph[] {
  const found: Paragraph[] = [];
  const breaks = /\r\n|\n|\r/g;
  let start = 0;
  for (let hit = breaks.exec(text); hit; hit = breaks.exec(text)) {
    found.push({ start, end: hit.index, next: breaks.lastIndex });
    start = breaks.lastIndex;
  }
  found.push({ start, end: text.length, next: text.length });
  return found;
}

export class TextIndex {
  readonly text: string;
  readonly paragraphs: readonly Paragraph[];
  /** Code points before each multiple of STEP units; null when units and code points are the same. */
  private readonly counts: Uint32Array | null;

  constructor(text: string) {
    this.text = text;
    this.paragraphs = paragraphsOf(text);
    this.counts = SURROGATE.test(text) ? this.count() : null;
  }

  private count(): Uint32Array {
    const { text } = this;
    const counts = new Uint32Array(Math.floor(text.length / STEP) + 1);
    let points = 0;
    for (let unit = 0; unit < text.length; ) {
      const wide = isPair(text, unit) ? 2 : 1;
      points++;
      // A pair across the border belongs to the part where it begins.
      if (Math.floor((unit + wide) / STEP) > Math.floor(unit / STEP)) counts[Math.floor((unit + wide) / STEP)] = points;
      unit += wide;
    }
    return counts;
  }

  /** Code points before this unit. A unit inside a pair counts as the one after it. */
  toPoint(unit: number): number {
    const to = Math.min(Math.max(unit, 0), this.text.length);
    if (!this.counts) return to;
    const part = Math.floor(to / STEP);
    let points = this.counts[part]!;
    let at = part * STEP;
    if (at > 0 && isPair(this.text, at - 1)) at++; // the pair across the border is counted
    for (; at < to; points++) at += isPair(this.text, at) ? 2 : 1;
    return points;
  }

  /** The unit where this code point begins. */
  toUnit(point: number): number {
    if (!this.counts) return Math.min(Math.max(point, 0), this.text.length);
    let [low, high] = [0, this.counts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.counts[middle]! <= point) low = middle;
      else high = middle - 1;
    }
    let points = this.counts[low]!;
    let at = low * STEP;
    if (at > 0 && isPair(this.text, at - 1)) at++;
    for (; points < point && at < this.text.length; points++) at += isPair(this.text, at) ? 2 : 1;
    return at;
  }

  /** The words between two code points. */
  quote(start: number, end: number): string {
    return this.text.slice(this.toUnit(start), this.toUnit(end));
  }

  /** The paragraph that holds a unit; a place inside a line break belongs to the paragraph before it. */
  paragraphAt(unit: number): number {
    let [low, high] = [0, this.paragraphs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.paragraphs[middle]!.start <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  toPlace(unit: number): Place {
    const paragraph = this.paragraphAt(unit);
    const { start, end } = this.paragraphs[paragraph]!;
    return { paragraph, offset: Math.min(Math.max(unit, start), end) - start };
  }

  fromPlace({ paragraph, offset }: Place): number {
    const { start, end } = this.paragraphs[Math.min(Math.max(paragraph, 0), this.paragraphs.length - 1)]!;
    return Math.min(start + Math.max(offset, 0), end);
  }
}
