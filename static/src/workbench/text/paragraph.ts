/** One paragraph on the page: its words, and the marks of the spans that touch it, laid out when it comes near the view. */
import { GLYPHS, LEVEL, lettersTop, LINE, runsOf, tagWidth } from "./measure.ts";
import type { Paragraph } from "./offsets.ts";
import type { Standing } from "./besides.ts";
import { stacked, type Run } from "./stack.ts";

/** A span as it is drawn here; `from` and `to` are units of this paragraph. */
export interface Mark {
  id: string;
  from: number;
  to: number;
  /** Whether the span begins here: then its tag stands here. */
  opens: boolean;
  name: string;
  colour: string;
  ink: string;
  standing: Standing;
  faulty: boolean;
  pins: readonly number[];
}
interface Laid {
  mark: Mark;
  runs: Run[];
  /** Where the tag stands, or null. */
  tag: { line: number; left: number } | null;
  level: number;
}
const DEEPEST = 12;
/** Room above the letters for arcs. */
const ARC = 14;

function box(kind: string, mark: Mark, left: number, top: number, width: number, height: number): HTMLElement {
  const element = document.createElement("span");
  element.className = kind;
  element.dataset.id = mark.id;
  element.dataset.standing = mark.standing;
  const { style } = element;
  style.setProperty("--c", mark.colour);
  style.left = `${left}px`;
  style.top = `${top}px`;
  style.inlineSize = `${width}px`;
  style.blockSize = `${height}px`;
  return element;
}

export class ParagraphView {
  readonly element = document.createElement("div");
  readonly words = document.createElement("div");
  readonly at: Paragraph;
  lineHeight: number;
  marks: readonly Mark[] = [];
  /** Ends of relations are here: arcs need room. */
  arcs = false;
  private readonly under = document.createElement("div");
  private readonly over = document.createElement("div");
  private measured = new Map<string, Run[]>();
  private laid: Laid[] | null = null;
  private band = "";
  /** Levels that every line has room for, so that a first mark moves nothing. */
  private readonly least: number;

  constructor(at: Paragraph, text: string, number: number, least: number) {
    this.at = at;
    this.least = least;
    this.lineHeight = LINE + least * LEVEL;
    this.words.style.lineHeight = `${this.lineHeight}px`;
    this.element.className = "para";
    this.element.dataset.number = String(number);
    this.words.className = "words";
    this.words.dir = "auto";
    if (text) this.words.append(text);
    else this.words.append(document.createElement("br"));
    this.under.className = "under";
    this.over.className = "marks";
    this.over.ariaHidden = "true";
    this.element.append(this.under, this.words, this.over);
  }

  get rightToLeft(): boolean {
    return getComputedStyle(this.words).direction === "rtl";
  }

  /** Whether the marks are laid out: then nothing on the page moves when they are drawn. */
  get ready(): boolean {
    return this.laid !== null;
  }

  /** Other marks; they are drawn by `paint`. */
  set(marks: readonly Mark[], arcs: boolean): void {
    this.marks = marks;
    this.arcs = arcs;
    this.laid = null;
  }

  /** The lines may run otherwise now: another width, another font. */
  forget(): void {
    this.measured.clear();
    this.laid = null;
  }

  /** Lays the marks out unless that is done. Changes the height of lines when more or fewer levels are needed. */
  layout(): readonly Laid[] {
    if (this.laid) return this.laid;
    const width = this.marks.length ? this.words.clientWidth : 0;
    const right = this.marks.length > 0 && this.rightToLeft;
    const laid = this.marks.map((mark): Laid => {
      const runs = this.runs(mark.from, mark.to);
      const first = mark.opens ? runs[0] : undefined;
      if (!first) return { mark, runs, tag: null, level: 0 };
      const wide = tagWidth(mark.name) + (mark.pins.length ? 16 : 0);
      const left = right ? Math.max(first.right - wide, 0) : Math.max(Math.min(first.left, width - wide), 0);
      return { mark, runs, tag: { line: first.line, left }, level: 0 };
    });
    const taken = laid.map(({ mark, runs, tag }) =>
      runs.map((run) => (tag && run === runs[0] ? { line: run.line, left: Math.min(run.left, tag.left), right: Math.max(run.right, tag.left + tagWidth(mark.name)) } : run)),
    );
    const levels = stacked(taken);
    laid.forEach((one, index) => (one.level = Math.min(levels[index]!, DEEPEST - 1)));
    const depth = laid.reduce((most, { level, runs }) => (runs.length ? Math.max(most, level + 1) : most), this.least);
    this.lineHeight = LINE + depth * LEVEL + (this.arcs ? ARC : 0);
    this.words.style.lineHeight = `${this.lineHeight}px`;
    this.element.style.paddingBlockEnd = depth > this.least ? `${((depth - this.least) * LEVEL) / 2}px` : "";
    this.laid = laid;
    this.band = "";
    return laid;
  }

  /** Draws the marks of the lines between `top` and `bottom`, in this paragraph's pixels; nothing when they are drawn. */
  paint(top: number, bottom: number): void {
    const laid = this.layout();
    const screen = Math.max(bottom - top, 1);
    const [from, to] = [Math.floor(top / screen) - 1, Math.ceil(bottom / screen) + 1];
    const band = `${from} ${to}`;
    if (band === this.band) return;
    this.band = band;
    const [first, last] = [(from * screen) / this.lineHeight, (to * screen) / this.lineHeight];
    const seen = (line: number): boolean => line >= first && line <= last;
    const [under, over] = [document.createDocumentFragment(), document.createDocumentFragment()];
    for (const { mark, runs, tag, level } of laid) {
      for (const { line, left, right } of runs) {
        if (!seen(line)) continue;
        const y = lettersTop(line, this.lineHeight);
        under.append(box("tint", mark, left, y - 1, right - left, GLYPHS + 2));
        over.append(box("bar", mark, left, y + GLYPHS + 1 + level * LEVEL, right - left, 2));
      }
      if (tag && seen(tag.line)) over.append(this.tag(mark, tag, level));
    }
    this.under.replaceChildren(under);
    this.over.replaceChildren(over);
  }

  private tag(mark: Mark, { line, left }: { line: number; left: number }, level: number): HTMLElement {
    const y = lettersTop(line, this.lineHeight) + GLYPHS + 2 + level * LEVEL;
    const tag = box(mark.faulty ? "spantag m-faulty" : "spantag", mark, left, y, tagWidth(mark.name), LEVEL - 3);
    tag.style.setProperty("--on", mark.ink);
    tag.textContent = mark.name;
    for (const number of mark.pins.slice(0, 1)) {
      const pin = document.createElement("span");
      pin.className = "pin";
      pin.textContent = String(number);
      tag.append(pin);
    }
    return tag;
  }

  /** The first run of a span that begins here, with the level and tag: where arcs end. */
  anchor(id: string): { x: number; y: number } | null {
    const found = this.layout().find(({ mark }) => mark.id === id);
    const run = found?.runs[0];
    return run ? { x: (run.left + run.right) / 2, y: lettersTop(run.line, this.lineHeight) } : null;
  }

  private runs(from: number, to: number): Run[] {
    const key = `${from} ${to}`;
    let runs = this.measured.get(key);
    if (!runs) {
      runs = runsOf(this, from, to);
      this.measured.set(key, runs);
    }
    return runs;
  }
}
