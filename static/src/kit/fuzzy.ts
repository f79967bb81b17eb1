/** Finding by a few letters: a beginning before a part, a part before initials of words, and letters in their order last. */
import { initials } from "./pinyin.ts";

const WORD = /[\p{L}\p{N}]+/gu;

function scoreOf(query: string, text: string): number {
  if (text === query) return 1000;
  if (text.startsWith(query)) return 900 - Math.min(text.length, 99);
  const words = text.match(WORD) ?? [];
  if (words.some((word) => word.startsWith(query))) return 700 - Math.min(text.length, 99);
  if (words.map((word) => word[0]).join("").startsWith(query)) return 600 - Math.min(words.length, 99);
  if (text.includes(query)) return 500 - Math.min(text.length, 99);
  let [at, gaps] = [-1, 0];
  for (const letter of query) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return query.length > 1 ? Math.max(1, 300 - gaps * 10) : 0;
}

/** How well a query fits any of a thing's names, in any language; 0 when it does not. Case and blanks do not count. */
export function fits(query: string, names: readonly string[]): number {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return 1;
  const texts = names.flatMap((name) => [name.toLowerCase(), initials(name)]).filter(Boolean);
  return Math.max(0, ...texts.map((text) => scoreOf(wanted, text)), ...(/\s/.test(wanted) ? texts.map((text) => scoreOf(wanted.replace(/\s+/g, ""), text) / 2) : []));
}


/** The things that fit, best first; those of equal fit in their order. */
export function search<T>(query: string, things: readonly T[], names: (thing: T) => readonly string[]): T[] {
  const found = things.map((thing) => ({ thing, score: fits(query, names(thing)) })).filter(({ score }) => score > 0);
  return found.sort((a, b) => b.score - a.score).map(({ thing }) => thing);
}
