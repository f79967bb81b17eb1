/** The way of tasks over the desk: next, fetched ahead, draft, submit or verdict, skipped, given back, taken away. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { identifier } from "../../kit/identifier.ts";
import { Offline, passing, Problem } from "../../kit/problem.ts";
import { waitFor } from "./backoff.ts";
import type { AnnotationDocument, Bundle } from "./bundle.ts";
import { Stopwatch, wallClock, type Clock } from "./clock.ts";
import { DraftSaver } from "./draft.ts";
import type { Answered, DeskNews, Given, Phase, Verdict } from "./phase.ts";
import { Renewer } from "./renewer.ts";

export class Desk {
  readonly phase = signal<Phase>({ name: "loading" });
  readonly bundle = signal<Bundle | null>(null);
  readonly draft = signal<DraftSaver | null>(null);
  readonly renewer = signal<Renewer | null>(null);
  private next: Bundle | null = null;
  private skew = 0;
  private watch: Stopwatch;
  private readonly client: Client;
  private readonly queue: number;
  private readonly news: DeskNews;
  private readonly clock: Clock;

  constructor(client: Client, queue: number, news: DeskNews, clock: Clock = wallClock) {
    this.client = client;
    this.queue = queue;
    this.news = news;
    this.clock = clock;
    this.watch = new Stopwatch(clock);
  }

  /** Asks for the task to work on; at the start, after a skip, and when a person comes back to an empty desk. */
  async start(): Promise<void> {
    this.phase.value = { name: "loading" };
    try {
      const { data, skew } = await this.client.call<Bundle>("POST", `/queues/${this.queue}/next`);
      this.skew = skew ?? this.skew;
      this.lay(data);
    } catch (error) {
      this.phase.value = { name: "failed", why: error instanceof Problem ? error.detail : "", offline: error instanceof Offline };
    }
  }

  beat(): void {
    this.watch.beat();
    this.renewer.peek()?.beat();
  }

  resume(): void {
    this.watch.resume();
  }

  async submit(annotation: AnnotationDocument): Promise<void> {
    const draft = this.draft.peek();
    if (draft?.theirs) return this.news.overtaken(draft.theirs); // first the person chooses
    await this.answer("submit", { annotation, seconds: this.watch.seconds }, draft);
  }

  review(verdict: Verdict): Promise<void> {
    return this.answer("review", { ...verdict, seconds: this.watch.seconds });
  }

  /** Passes on the task; the person does not get it again in this round. */
  async skip(reason: string): Promise<void> {
    await this.pass("skip", { reason });
  }

  /** Parks the task with a question; false when that was refused. */
  ask(question: { text: string; object?: string; at?: [number, number] }): Promise<boolean> {
    return this.pass("ask", question);
  }

  /** Holds against the verdict that sent this back; it waits until somebody has decided. False when that was refused. */
  dispute(review: number, text: string): Promise<boolean> {
    return this.pass("dispute", { text }, `/reviews/${review}/dispute`);
  }

  /** Takes a verdict back; the item is on the desk again. False when it stands for good, and the person was told why. */
  async takeBack(review: number): Promise<boolean> {
    if (this.phase.peek().name === "sending") return false;
    await this.draft.peek()?.flush();
    try {
      const { data } = await this.client.call<{ bundle: Bundle | null }>("POST", `/reviews/${review}/undo`);
      if (data?.bundle) this.lay(data.bundle);
      return true;
    } catch (error) {
      if (error instanceof Problem) this.news.refused(error);
      else if (!(error instanceof Offline)) throw error;
      return false;
    }
  }

  private async pass(how: "skip" | "ask" | "dispute", body: Record<string, unknown>, path = ""): Promise<boolean> {
    const lease = this.bundle.peek()?.lease.id;
    if (lease === undefined || this.phase.peek().name !== "working") return false;
    this.phase.value = { name: "sending", waiting: false };
    await this.draft.peek()?.flush();
    await this.draft.peek()?.close();
    try {
      await this.client.call("POST", path || `/leases/${lease}/${how}`, { body });
      this.news.passed?.();
      await this.start();
      return true;
    } catch (error) {
      this.draft.peek()?.reopen();
      this.fallBack(error);
      return false;
    }
  }

  /** One's own last answers in this queue, newest first; at most 50. */
  async mine(): Promise<Answered[]> {
    const { data } = await this.client.call<{ results: Answered[] }>("GET", `/queues/${this.queue}/mine`);
    return data?.results ?? [];
  }

  /** What was answered then, and about what; null when it is not to be had any more. */
  async answered({ item, annotation_id }: Answered): Promise<Given | null> {
    const [about, answers] = await Promise.all([
      this.client.call<Omit<Given, "document">>("GET", `/items/${item}`),
      this.client.call<{ results: (AnnotationDocument & { id: number })[] }>("GET", `/items/${item}/annotations`),
    ]);
    const found = answers.data?.results.find(({ id }) => id === annotation_id);
    if (!found || !about.data) return null;
    const { width, height, text } = about.data;
    return { width, height, text, document: { objects: found.objects ?? [], item: found.item ?? {} } };
  }

  /** Takes an answer of one's own back onto the desk; what is there is saved and waits behind it. */
  async reopen(task: number): Promise<void> {
    if (this.phase.peek().name === "sending") return;
    await this.draft.peek()?.flush();
    try {
      const reopened = await this.client.call<Bundle>("POST", `/tasks/${task}/reopen`);
      this.lay(reopened.data);
    } catch (error) {
      if (error instanceof Problem) this.news.refused(error);
      else if (error instanceof Offline) this.news.refused(new Problem(0, { code: "offline", detail: "" }));
      else throw error;
    }
  }

  /** To another frame of the group without an answer; what is here is saved and waits. False when it is not to be had. */
  async step(item: number): Promise<boolean> {
    const draft = this.draft.peek();
    const lease = this.bundle.peek()?.lease.id;
    if (lease === undefined || this.phase.peek().name !== "working") return false;
    if (draft?.theirs) {
      this.news.overtaken(draft.theirs); // first the person chooses
      return false;
    }
    await draft?.flush();
    if (draft && draft.state.peek() === "offline") return this.stay(new Offline());
    this.phase.value = { name: "loading" };
    try {
      const { data, skew } = await this.client.call<Bundle>("POST", `/leases/${lease}/frame`, { body: { item } });
      this.skew = skew ?? this.skew;
      this.lay(data);
      return true;
    } catch (error) {
      return this.stay(error);
    }
  }

  private stay(error: unknown): false {
    this.phase.value = { name: "working" };
    this.fallBack(error);
    return false;
  }

  /** Before the page is left on purpose: the draft is saved, the leases go back. */
  async leave(): Promise<void> {
    await this.draft.peek()?.flush();
    this.clear();
    const held = [this.bundle.peek()?.lease.id, this.next?.lease.id].filter((id) => id !== undefined);
    this.next = null;
    await Promise.allSettled(held.map((id) => this.client.call("DELETE", `/leases/${id}`, { timeout: 3000 })));
  }

  /** The page goes without asking: the draft's last word, and only what was fetched ahead goes back. */
  farewell(): void {
    this.draft.peek()?.farewell();
    if (this.next) this.client.call("DELETE", `/leases/${this.next.lease.id}`, { keepalive: true }).catch(() => undefined);
  }

  private async answer(how: "submit" | "review", body: Record<string, unknown>, draft: DraftSaver | null = null): Promise<void> {
    const bundle = this.bundle.peek();
    const lease = bundle?.lease.id;
    if (lease === undefined || this.phase.peek().name !== "working") return;
    this.phase.value = { name: "sending", waiting: false };
    await this.draft.peek()?.close();
    let key = identifier(); // one for all tries of this body; a mended answer is another call
    if (draft) body.draft = draft.revision;
    for (let attempt = 0; ; attempt++) {
      try {
        const path = `/leases/${lease}/${how}?next=1`;
        const { data, skew } = await this.client.call<{ next?: Bundle | null; review_id?: number }>("POST", path, { body, key });
        this.skew = skew ?? this.skew;
        if (bundle && data?.review_id) this.news.judged?.(data.review_id, body as unknown as Verdict, bundle.item.id);
        if (bundle) this.news.answered?.(bundle);
        if (data && "next" in data) this.lay(data.next ?? null);
        else await this.start();
        return;
      } catch (error) {
        if (!passing(error)) {
          const stale = draft && error instanceof Problem && error.code === "stale_draft";
          if (stale && draft.met(error, body.annotation as AnnotationDocument)) {
            [key, body.draft] = [identifier(), draft.revision]; // it was our own save, whose answer was lost
            continue;
          }
          this.draft.peek()?.reopen();
          if (stale) {
            this.phase.value = { name: "working" };
            return;
          }
          return this.fallBack(error);
        }
        this.phase.value = { name: "sending", waiting: true };
        const asked = error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 0;
        await new Promise<void>((resolve) => this.clock.later(resolve, Math.max(asked, waitFor(attempt))));
      }
    }
  }

  private fallBack(error: unknown): void {
    if (error instanceof Problem && (error.code === "lease_ended" || error.status === 404)) return this.over(error);
    this.phase.value = { name: "working" };
    if (error instanceof Problem) this.news.refused(error);
    else if (error instanceof Offline) this.news.refused(new Problem(0, { code: "offline", detail: "" }));
    else throw error;
  }

  private lay(bundle: Bundle | null): void {
    this.clear();
    this.bundle.value = bundle;
    if (this.next?.lease.id === bundle?.lease.id) this.next = null;
    if (!bundle) {
      this.phase.value = { name: "empty" };
      return;
    }
    this.watch = new Stopwatch(this.clock);
    this.renewer.value = new Renewer(this.client, bundle.lease, this.skew, (problem) => this.over(problem), this.clock);
    this.draft.value = new DraftSaver(this.client, bundle.lease.id, bundle.draft?.revision ?? 0, {
      saved: (document) => this.news.saved(document),
      sending: (document) => this.news.sending?.(document),
      overtaken: (theirs) => this.news.overtaken(theirs),
      ended: (problem) => this.over(problem),
      refused: (problem) => this.news.refused(problem),
    }, this.clock);
    this.phase.value = { name: "working" };
    this.news.arrived(bundle);
    void this.fetchAhead();
  }

  private async fetchAhead(): Promise<void> {
    try {
      const { data } = await this.client.call<Bundle>("POST", `/queues/${this.queue}/next?slot=1`);
      if (!data || data.lease.id === this.bundle.peek()?.lease.id) return;
      this.next = data;
      this.news.ahead(data);
    } catch {
      // Only comfort: `submit` brings the next task anyway.
    }
  }

  private over(problem: Problem | null): void {
    const phase = this.phase.peek().name;
    if (phase === "empty" || phase === "loading") return;
    if (!problem && phase !== "working") return; // an answer under way may still have been in time
    // Without a network nothing is known: work goes on here, and the server says how it stands when it answers again.
    if (!problem && this.draft.peek()?.state.peek() === "offline") return this.news.unheld?.();
    const kept = problem?.body.draft_kept;
    // By the clock alone nothing was refused yet: one more save lets the server keep what is not kept.
    if (!problem) void this.draft.peek()?.flush();
    this.clear();
    const bundle = this.bundle.peek();
    if (bundle) this.news.ended?.(bundle);
    this.phase.value = { name: "ended", why: problem?.detail ?? "", kept: typeof kept === "boolean" ? kept : null };
  }

  private clear(): void {
    this.renewer.peek()?.close();
    void this.draft.peek()?.close();
  }
}
