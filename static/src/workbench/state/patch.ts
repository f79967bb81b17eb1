/** A change of the document as data: applying it gives the next document and the patch that takes it back. */
import type { AnnotationDocument, AnyObject, AttributeValue } from "../sync/bundle.ts";

export type Step =
  /** Replaces the object of that id, or inserts it: at the place `at` from the bottom, else on top. */
  | { op: "put"; object: AnyObject; at?: number }
  | { op: "drop"; id: string }
  | { op: "item"; name: string; value: AttributeValue | undefined };
export type Patch = readonly Step[];

function inverse(document: AnnotationDocument, step: Step): Step | null {
  if (step.op === "item") return { op: "item", name: step.name, value: document.item[step.name] };
  const id = step.op === "put" ? step.object.id : step.id;
  const at = document.objects.findIndex((object) => object.id === id);
  if (at >= 0) return { op: "put", object: document.objects[at]!, at };
  return step.op === "put" ? { op: "drop", id } : null;
}

function stepped(document: AnnotationDocument, step: Step): AnnotationDocument {
  if (step.op === "item") {
    const { [step.name]: _, ...item } = document.item;
    return { ...document, item: step.value === undefined ? item : { ...item, [step.name]: step.value } };
  }
  if (step.op === "drop") return { ...document, objects: document.objects.filter(({ id }) => id !== step.id) };
  const objects = document.objects.slice();
  const at = objects.findIndex(({ id }) => id === step.object.id);
  if (at >= 0) objects[at] = step.object;
  else objects.splice(step.at ?? objects.length, 0, step.object);
  return { ...document, objects };
}

export function applied(document: AnnotationDocument, patch: Patch): { document: AnnotationDocument; back: Patch } {
  const back: Step[] = [];
  let now = document;
  for (const step of patch) {
    const undo = inverse(now, step);
    if (!undo) continue;
    back.unshift(undo);
    now = stepped(now, step);
  }
  return { document: now, back };
}
