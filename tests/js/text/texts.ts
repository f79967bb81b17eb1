/** Texts made of all that offsets go wrong on: line ends, pairs of surrogates, joined emoji, combining marks, both directions. */
import type { Chance } from "../chance.ts";

const PARTS = ["a", " ", "\t", "\n", "\r\n", "\r", "é", "e\u0301", "👍", "👩‍👩‍👧", "🇨🇳", "𝒳", "中", "نص", "שלום", "\u200f", "한"];

export function anyText(chance: Chance, length: number): string {
  return Array.from({ length }, () => chance.pick(PARTS)).join("");
}
