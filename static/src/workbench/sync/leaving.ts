/** Words about what was kept, and its text for a person to paste elsewhere. */
import type { AnnotationDocument } from "./bundle.ts";

export function asText(document: AnnotationDocument): string {
  return JSON.stringify({ objects: document.objects, item: document.item }, null, 1);
}

/** To the clipboard; the old way where the new one is missing (plain http). False when the browser refuses both. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
