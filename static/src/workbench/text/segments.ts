/** Words and graphemes of a text: where a caret may stand, and how a rough selection snaps to whole ones. */
import type { TextIndex } from "./offsets.ts";

export type Grain = "word" | "character";
export interface Stretch {
  start: number;
  end: number;
}
const BLANK = /^\s*$/u;
/** Long paragraphs are segmented in parts of about this many units: the time to segment grows faster than the text. */
const WINDOW = 2000;

/** All places are UTF-16 units of the whole text. */
export class Segments {
  private readonly index: TextIndex;
  private readonly segmenters: Record<Grain, Intl.Segmenter>;
  private readonly kept = new Map<string, Stretch[]>();

  constructor(index: TextIndex, language?: string) {
    this.index = index;
    this.segmenters = {
      word: new Intl.Segmenter(language, { granularity: "word" }),
      character: new Intl.Segmenter(language, { granularity: "grapheme" }),
    };
  }

  /** What may be stepped over: words and signs without the blanks between them, or graphemes. In order. */
  private pieces(paragraph: number, grain: Grain): Stretch[] {
    const key = `${grain}${paragraph}`;
    let found = this.kept.get(key);
    if (!found) {
      const { start, end } = this.index.paragraphs[paragraph]!;
      const text = this.index.text.slice(start, end);
      found = [];
      for (const chunk of chunks(text)) {
        for (const { segment, index } of this.segmenters[grain].segment(chunk.text)) {
          if (grain === "word" && BLANK.test(segment)) continue;
          const from = start + chunk.at + index;
          found.push({ start: from, end: from + segment.length });
        }
      }
      this.kept.set(key, found);
    }
    return found;
  }

  /** The piece that holds the unit `at`, if any. */
  private holding(at: number, grain: Grain): Stretch | undefined {
    const pieces = this.pieces(this.index.paragraphAt(at), grain);
    const found = pieces[before(pieces, at, "start")];
    return found && at < found.end ? found : undefined;
  }

  /** Whole words (without blanks around them) or whole graphemes; null when nothing is left. */
  snapped(from: number, to: number, grain: Grain): Stretch | null {
    const { text } = this.index;
    let [start, end] = [Math.max(0, Math.min(from, to)), Math.min(text.length, Math.max(from, to))];
    const loose = grain === "word" ? /\s/u : /[\r\n]/;
    while (start < end && loose.test(text[start]!)) start++;
    while (end > start && loose.test(text[end - 1]!)) end--;
    if (start >= end) return null;
    start = this.holding(start, grain)?.start ?? start;
    end = this.holding(end - 1, grain)?.end ?? end;
    // A word never cuts a grapheme either, whatever the language data say.
    start = this.holding(start, "character")?.start ?? start;
    end = this.holding(end - 1, "character")?.end ?? end;
    return { start, end };
  }

  /** The next start (or end) of a piece after `at`, or the one before it; null at the text's edge. */
  step(at: number, by: 1 | -1, edge: "start" | "end", grain: Grain): number | null {
    const { paragraphs } = this.index;
    for (let paragraph = this.index.paragraphAt(at); paragraph >= 0 && paragraph < paragraphs.length; paragraph += by) {
      const pieces = this.pieces(paragraph, grain);
      if (by > 0) {
        const found = pieces[before(pieces, at, edge) + 1];
        if (found) return found[edge];
      } else {
        const found = pieces[before(pieces, at - 1, edge)];
        if (found) return found[edge];
      }
    }
    return null;
  }
}

/** Index of the last piece whose edge is at or before `at`, -1 if none. */
function before(pieces: readonly Stretch[], at: number, edge: "start" | "end"): number {
  let [low, high] = [-1, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle]![edge] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A blank or a full-width sign before a letter or digit: words and graphemes end there in every language. */
const SAFE = /[\s。，、；：！？](?=[\p{L}\p{N}])/gu;

/** A long paragraph in parts that end at such a place. */
function* chunks(text: string): Generator<{ text: string; at: number }> {
  let at = 0;
  while (text.length - at > WINDOW) {
    SAFE.lastIndex = at + WINDOW;
    if (!SAFE.test(text)) break;
    yield { text: text.slice(at, SAFE.lastIndex), at };
    at = SAFE.lastIndex;
  }
  yield { text: text.slice(at), at };
}
