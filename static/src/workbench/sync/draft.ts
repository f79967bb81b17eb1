/** Keeps the draft of one lease on the server: a second after a change, one save at a time, again until it arrives. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { passing, Problem } from "../../kit/problem.ts";
import { waitFor } from "./backoff.ts";
import type { AnnotationDocument } from "./bundle.ts";
import type { Clock } from "./clock.ts";
import { digestOf, same } from "./restoring.ts";

export type Saving = "saved" | "changed" | "saving" | "offline" | "refused" | "apart";
const AFTER = 1000;

/** What the server has though it did not come from here. */
export interface Theirs {
  revision: number;
  annotation: AnnotationDocument;
}

export interface DraftNews {
  /** This document is about to go; whether it arrives may never be known. */
  sending?(document: AnnotationDocument): void;
  /** The server has this document now. */
  saved(document: AnnotationDocument): void;
  /** Another tab saved something else first: nothing is saved from here until the person has chosen (`choose`). */
  overtaken(theirs: Theirs): void;
  /** The lease is over (`Problem` of code lease_ended, or a 404). */
  ended(problem: Problem): void;
  refused(problem: Problem): void;
}

export class DraftSaver {
  readonly state = signal<Saving>("saved");
  revision: number;
  /** Digests of what was sent since the last acknowledgement: any of them may have arrived. */
  sent: readonly string[] = [];
  theirs: Theirs | null = null;
  private pending: AnnotationDocument | null = null;
  private sending: Promise<void> | null = null;
  private stopTimer: (() => void) | null = null;
  private attempt = 0;
  private closed = false;
  private readonly client: Client;
  private readonly lease: number;
  private readonly news: DraftNews;
  private readonly clock: Clock;

  constructor(client: Client, lease: number, revision: number, news: DraftNews, clock: Clock) {
    this.client = client;
    this.lease = lease;
    this.revision = revision;
    this.news = news;
    this.clock = clock;
  }

  /** The document changed: saved after a second of work, whatever comes in between. */
  changed(document: AnnotationDocument): void {
    if (this.closed) return;
    this.pending = document;
    const state = this.state.peek();
    if (state === "apart") return;
    if (state !== "offline" && state !== "saving") this.state.value = "changed";
    if (!this.stopTimer && !this.sending) this.arm(AFTER);
  }

  /** Saves now what is not saved; resolves when nothing is under way, whether it arrived or not. */
  async flush(): Promise<void> {
    this.disarm();
    if (this.sending) await this.sending;
    if (this.pending && !this.closed && !this.theirs) await this.send();
  }

  /** The last word as the page goes: sent to outlive it, its answer is not heard. */
  farewell(): void {
    if (!this.pending || this.closed || this.theirs) return;
    this.remember(this.pending);
    const body = { revision: this.revision, annotation: this.pending };
    this.client.call("PUT", `/leases/${this.lease}/draft`, { body, keepalive: true }).catch(() => undefined);
  }

  /** No more saves: the task was submitted, skipped or given back. Waits for the one under way. */
  async close(): Promise<void> {
    this.closed = true;
    this.disarm();
    await this.sending;
  }

  reopen(): void {
    this.closed = false;
    if (this.pending && !this.theirs) this.arm(AFTER);
  }

  /**
   * The server has another draft than this tab has seen. True when it came from here and only its answer was lost, or says
   * the same: then its revision is ours. Else the person must choose, and is told.
   */
  met(problem: Problem, mine: AnnotationDocument): boolean {
    const revision = Number(problem.body.revision);
    const annotation = problem.body.annotation as AnnotationDocument | null | undefined;
    if (!annotation || this.sent.includes(digestOf(annotation)) || same(annotation, mine)) {
      this.revision = revision;
      this.sent = [];
      return true;
    }
    this.theirs = { revision, annotation };
    this.state.value = "apart";
    this.disarm();
    this.news.overtaken(this.theirs);
    return false;
  }

  /** The person chose: `document` is what holds from now on, saved over the other or equal to it. */
  choose(document: AnnotationDocument): void {
    if (!this.theirs) return;
    const { revision, annotation } = this.theirs;
    this.revision = revision;
    this.theirs = null;
    this.sent = [];
    const taken = same(document, annotation);
    this.pending = taken ? null : document;
    this.state.value = taken ? "saved" : "changed";
    if (taken) this.news.saved(document);
    else this.arm(0);
  }

  private remember(annotation: AnnotationDocument): void {
    const digest = digestOf(annotation);
    if (!this.sent.includes(digest)) this.sent = [...this.sent, digest];
    this.news.sending?.(annotation);
  }

  private arm(wait: number): void {
    this.disarm();
    this.stopTimer = this.clock.later(() => {
      this.stopTimer = null;
      void this.send();
    }, wait);
  }

  private disarm(): void {
    this.stopTimer?.();
    this.stopTimer = null;
  }

  private send(): Promise<void> {
    this.sending ??= this.put().finally(() => {
      this.sending = null;
      if (this.pending && !this.closed && !this.stopTimer && this.state.peek() === "changed") this.arm(AFTER);
    });
    return this.sending;
  }

  private async put(): Promise<void> {
    const annotation = this.pending!;
    this.state.value = "saving";
    this.remember(annotation);
    try {
      const body = { revision: this.revision, annotation };
      const { data } = await this.client.call<{ revision: number }>("PUT", `/leases/${this.lease}/draft`, { body });
      this.landed(annotation, data!.revision);
    } catch (error) {
      this.failed(error, annotation);
    }
  }

  private landed(annotation: AnnotationDocument, revision: number): void {
    this.revision = revision;
    this.sent = [];
    this.attempt = 0;
    if (this.pending === annotation) this.pending = null;
    this.state.value = this.pending ? "changed" : "saved";
    this.news.saved(annotation);
  }

  private failed(error: unknown, annotation: AnnotationDocument): void {
    if (passing(error)) {
      this.state.value = "offline";
      const asked = error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 0;
      if (!this.closed) this.arm(Math.max(asked, waitFor(this.attempt++)));
      return;
    }
    if (!(error instanceof Problem)) throw error;
    if (error.code === "stale_draft" && typeof error.body.revision === "number") {
      if (error.body.same === true) this.landed(annotation, error.body.revision); // this very save stands: its answer was lost
      else if (this.met(error, annotation)) this.state.value = "changed"; // ours after all: the next round goes on from it
      return;
    }
    if (error.body.draft_kept !== true) this.sent = [];
    this.state.value = "refused";
    if (error.code === "lease_ended" || error.status === 404) {
      this.closed = true;
      this.news.ended(error);
    } else this.news.refused(error);
  }
}
