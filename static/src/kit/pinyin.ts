/** First letters of pinyin, by the browser's own order of Chinese: 车辆 → "cl". No table of characters is needed. */

/** The first character of each letter's run in that order; no syllable begins with i, u or v. */
const FIRST = "阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他屲夕丫帀";
const LETTERS = "abcdefghjklmnopqrstwxyz";
const HAN = /\p{Script=Han}/u;

let order: Intl.Collator | null | undefined;
function collator(): Intl.Collator | null {
  if (order === undefined) {
    const made = new Intl.Collator("zh-u-co-pinyin");
    // A browser without Chinese data would sort by code points and tell nonsense.
    order = made.compare("阿", "帀") < 0 && made.compare("中", "车") > 0 && made.compare("一", "丁") > 0 ? made : null;
  }
  return order;
}

function initialOf(character: string): string {
  const { compare } = collator()!;
  let [low, high] = [-1, LETTERS.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (compare(character, FIRST[middle]!) >= 0) low = middle;
    else high = middle - 1;
  }
  return LETTERS[low] ?? "";
}

/** Initials of the Chinese characters, other letters and digits as they are; "" when there is no Chinese in it. */
export function initials(text: string): string {
  if (!HAN.test(text) || !collator()) return "";
  return [...text.toLowerCase()].map((one) => (HAN.test(one) ? initialOf(one) : /[a-z0-9]/.test(one) ? one : "")).join("");
}
