/** One document in place of another as a change like any other, so that it can be taken back. */
import type { AnnotationDocument } from "../sync/bundle.ts";
import type { Step } from "./patch.ts";

export function wholly(from: AnnotationDocument, to: AnnotationDocument): Step[] {
  const names = new Set([...Object.keys(from.item), ...Object.keys(to.item)]);
  return [
    ...from.objects.map(({ id }): Step => ({ op: "drop", id })),
    ...to.objects.map((object): Step => ({ op: "put", object })),
    ...[...names].filter((name) => from.item[name] !== to.item[name]).map((name): Step => ({ op: "item", name, value: to.item[name] })),
  ];
}
