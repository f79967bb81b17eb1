/** What may be true of the desk, and what it tells. */
import type { Problem } from "../../kit/problem.ts";
import type { AnnotationDocument, Bundle } from "./bundle.ts";

export type Phase =
  | { name: "loading" }
  | { name: "working" }
  /** The answer is on its way; `waiting`: the network is not there, it is tried again. */
  | { name: "sending"; waiting: boolean }
  | { name: "empty" }
  /** The lease is over: `kept` says whether what was done is kept as a draft. */
  | { name: "ended"; why: string; kept: boolean | null }
  | { name: "failed"; why: string; offline: boolean };

export interface Verdict {
  verdict: "accept" | "return" | "fix";
  reason?: string;
  annotation?: AnnotationDocument;
  comments?: { object?: string; at?: [number, number]; text: string }[];
}

export interface DeskNews {
  /** Another task is on the desk. */
  arrived(bundle: Bundle): void;
  /** A task was fetched ahead: time to fetch its picture. */
  ahead(bundle: Bundle): void;
  saved(document: AnnotationDocument): void;
  overtaken(): void;
  /** The server refused an answer, a draft or a skip; `fields` name what is wrong. */
  refused(problem: Problem): void;
}
