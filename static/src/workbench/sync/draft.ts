/** Keeps the draft of one lease on the server: a second after a change, one save at a time, again until it arrives. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { passing, Problem } from "../../kit/problem.ts";
import { waitFor } from "./backoff.ts";
import type { AnnotationDocument } from "./bundle.ts";
import type { Clock } from "./clock.ts";

export type Saving = "saved" | "changed" | "saving" | "offline" | "refused";
const AFTER = 1000;

export interface DraftNews {
  /** The server has this document now. */
  saved(document: AnnotationDocument): void;
  /** Another tab saved first; ours went over it with its revision. */
  overtaken(): void;
  /** The lease is over (`Problem` of code lease_ended, or a 404). */
  ended(problem: Problem): void;
  refused(problem: Problem): void;
}

export class DraftSaver {
  readonly state = signal<Saving>("saved");
  revision: number;
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
    if (this.state.peek() !== "offline" && this.state.peek() !== "saving") this.state.value = "changed";
    if (!this.stopTimer && !this.sending) this.arm(AFTER);
  }

  /** Saves now what is not saved; resolves when nothing is under way, whether it arrived or not. */
  async flush(): Promise<void> {
    this.disarm();
    if (this.sending) await this.sending;
    if (this.pending && !this.closed) await this.send();
  }

  /** The last word as the page goes: sent to outlive it, its answer is not heard. */
  farewell(): void {
    if (!this.pending || this.closed) return;
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
    if (this.pending) this.arm(AFTER);
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
    try {
      const body = { revision: this.revision, annotation };
      const { data } = await this.client.call<{ revision: number }>("PUT", `/leases/${this.lease}/draft`, { body });
      this.landed(annotation, data!.revision);
    } catch (error) {
      const { same, revision } = error instanceof Problem ? error.body : {};
      // `same`: this very save stands already; its answer was lost on the way.
      if (same === true && typeof revision === "number") this.landed(annotation, revision);
      else this.failed(error);
    }
  }

  private landed(annotation: AnnotationDocument, revision: number): void {
    this.revision = revision;
    this.attempt = 0;
    if (this.pending === annotation) this.pending = null;
    this.state.value = this.pending ? "changed" : "saved";
    this.news.saved(annotation);
  }

  private failed(error: unknown): void {
    if (passing(error)) {
      this.state.value = "offline";
      const asked = error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 0;
      if (!this.closed) this.arm(Math.max(asked, waitFor(this.attempt++)));
      return;
    }
    if (!(error instanceof Problem)) throw error;
    if (error.code === "stale_draft" && typeof error.body.revision === "number") {
      this.revision = error.body.revision;
      this.state.value = "changed";
      this.news.overtaken();
      return; // the next round saves over it: what is on this screen is what the person sees
    }
    this.state.value = "refused";
    if (error.code === "lease_ended" || error.status === 404) {
      this.closed = true;
      this.news.ended(error);
    } else this.news.refused(error);
  }
}
