/** Words by key: the page's catalogue, else English, else the key itself (so that a gap is seen, not a crash). */
export type Words = (key: string, values?: Record<string, string | number>) => string;

export function words(catalogue: Record<string, string>, english: Record<string, string>): Words {
  return (key, values) => {
    const text = catalogue[key] || english[key] || key;
    return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
  };
}

/** The title in this language, else in its base language, else in English, else the bare name. */
export function titled(of: { name: string; title?: Record<string, string> }, language: string): string {
  const title = of.title ?? {};
  return title[language] ?? title[language.split("-")[0]!] ?? title.en ?? of.name;
}
