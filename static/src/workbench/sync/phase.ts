/** What may be true of the desk, and what it tells. */
import type { Problem } from "../../kit/problem.ts";
import type { AnnotationDocument, Bundle } from "./bundle.ts";
import type { Theirs } from "./draft.ts";

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
  reason_key?: string;
  to?: number;
  annotation?: AnnotationDocument;
  comments?: { object?: string; at?: [number, number]; text: string }[];
}

/** A row of one's own last answers. */
/** How right an answer to a known item was, and what kinds of errors it had; the truth stays untold. */
export interface Feedback {
  score: number;
  errors: string[];
}

export interface Answered {
  task: number;
  state: string;
  item: number;
  key: string;
  annotation_id: number;
  revision: number;
  answered_at: string;
  /** No reviewer has opened it: it can be taken back. */
  reopen: boolean;
  /** Why not, else "". */
  shut: "" | "opened" | "returned" | "closed" | "judged" | "told";
  thumb: string;
  /** In a queue that tells, and of an item that is known. */
  feedback?: Feedback | null;
}

/** One of them as it was given, with what it is about. */
export interface Given {
  width: number | null;
  height: number | null;
  text: string | null;
  document: AnnotationDocument;
}

export interface DeskNews {
  /** Another task is on the desk. */
  arrived(bundle: Bundle): void;
  /** A task was fetched ahead: time to fetch its picture. */
  ahead(bundle: Bundle): void;
  /** This document is on its way to the server's draft. */
  sending?(document: AnnotationDocument): void;
  saved(document: AnnotationDocument): void;
  /** Another tab saved another draft: the person must choose (`DraftSaver.choose`). */
  overtaken(theirs: Theirs): void;
  /** The task of this bundle has its answer: nothing of it need be kept here. */
  answered?(bundle: Bundle): void;
  /** The server has the reason or the question. */
  passed?(): void;
  /** It went out of this person's hands without one: what was done may have to be copied from here. */
  ended?(bundle: Bundle): void;
  /** The time ran out while the network is away; work goes on, and is kept when it is back. */
  unheld?(): void;
  /** A verdict was given, and can be taken back. */
  judged?(review: number, verdict: Verdict, item: number): void;
  /** The server refused an answer, a draft or a skip; `fields` name what is wrong. */
  refused(problem: Problem): void;
}
