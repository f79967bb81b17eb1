/** Reads the JSON a template left in the page (`json_script`), which a strict content policy allows. */
export function embedded<T>(id: string): T | null {
  const element = document.getElementById(id);
  return element?.textContent ? (JSON.parse(element.textContent) as T) : null;
}
