/** On opening a task: what the journal holds against what the server has, and which of the two goes on. */
import { canonical, digest } from "../../kit/canonical.ts";
import type { AnnotationDocument, AnyObject, Bundle } from "./bundle.ts";
import type { Entry } from "./journal.ts";

const plain = ({ objects, item }: AnnotationDocument): AnnotationDocument => ({ objects: objects ?? [], item: item ?? {} });
export const textOf = (document: AnnotationDocument): string => canonical(plain(document));
export const digestOf = (document: AnnotationDocument): string => digest(textOf(document));
export const same = (a: AnnotationDocument, b: AnnotationDocument): boolean => a === b || textOf(a) === textOf(b);

export type Judgement =
  /** The server has it, or there is nothing in it. */
  | "same"
  /** It follows what the server has: work goes on with it. */
  | "newer"
  /** The server's draft went on without it, in another tab or on another machine: a person must choose. */
  | "apart";

export function judge(entry: Entry, bundle: Bundle, start: AnnotationDocument): Judgement {
  if (!entry.document) return "same";
  const server = bundle.draft;
  if (same(entry.document, server?.annotation ?? start)) return "same";
  if (entry.round !== bundle.task.round || entry.answer !== (bundle.annotation?.id ?? null)) return "apart";
  const revision = server?.revision ?? 0;
  if (entry.revision === revision) return "newer";
  if (server && entry.revision < revision && entry.sent.includes(digestOf(server.annotation))) return "newer";
  return "apart";
}

export interface Opening {
  /** To go on with, if any. */
  restore: Entry | null;
  /** To choose about: the newest that is neither in the server's draft nor on the way from it. */
  apart: Entry | null;
  /** Of no use any more. */
  done: Entry[];
}

/** `entries` of one task, newest first. The words of the newest entry of this same round are restored with it. */
export function opening(entries: readonly Entry[], bundle: Bundle, start: AnnotationDocument): Opening {
  const found: Opening = { restore: null, apart: null, done: [] };
  for (const entry of entries) {
    const judged = judge(entry, bundle, start);
    const wordy = entry.words !== null && entry.round === bundle.task.round && entry.answer === (bundle.annotation?.id ?? null);
    if (judged === "same" && !wordy) found.done.push(entry);
    else if (judged === "apart" || (found.restore && judged === "newer")) found.apart ??= entry;
    else found.restore ??= entry;
  }
  return found;
}

export interface Difference {
  added: AnyObject[];
  removed: AnyObject[];
  changed: AnyObject[];
  item: string[];
}

/** What `there` has that `here` has not, and so on; objects are known by their ids. */
export function difference(here: AnnotationDocument, there: AnnotationDocument): Difference {
  const [before, after] = [here, there].map(({ objects }) => new Map(objects.map((object) => [object.id, object])));
  const names = new Set([...Object.keys(here.item), ...Object.keys(there.item)]);
  return {
    added: there.objects.filter(({ id }) => !before!.has(id)),
    removed: here.objects.filter(({ id }) => !after!.has(id)),
    changed: there.objects.filter((object) => before!.has(object.id) && canonical(before!.get(object.id)) !== canonical(object)),
    item: [...names].filter((name) => canonical(here.item[name]) !== canonical(there.item[name])),
  };
}
