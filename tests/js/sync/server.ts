/** A server of a few lines and a clock that is turned by hand, for the tests of the sync layer. */
import { Client } from "../../../static/src/kit/client.ts";
import type { AnnotationDocument, Bundle } from "../../../static/src/workbench/sync/bundle.ts";
import type { Clock } from "../../../static/src/workbench/sync/clock.ts";

export interface Call {
  method: string;
  path: string;
  body: any;
  key: string | undefined;
}
type Reply = [status: number, body?: unknown] | "offline";

export class FakeServer {
  readonly calls: Call[] = [];
  /** Answers by "METHOD /path"; the last of a list stays. */
  private readonly replies = new Map<string, Reply[]>();
  readonly client = new Client("", "token", async (url, init) => this.answer(url, init));

  on(what: string, ...replies: Reply[]): this {
    this.replies.set(what, replies);
    return this;
  }

  to(what: string): Call[] {
    return this.calls.filter(({ method, path }) => `${method} ${path}` === what);
  }

  private answer(url: string, init: RequestInit): Response {
    const what = `${init.method} ${url}`;
    const headers = init.headers as Record<string, string>;
    this.calls.push({ method: init.method!, path: url, body: init.body ? JSON.parse(String(init.body)) : null, key: headers["Idempotency-Key"] });
    const waiting = this.replies.get(what) ?? [[404, { detail: `nothing for ${what}` }]];
    const reply = waiting.length > 1 ? waiting.shift()! : waiting[0]!;
    if (reply === "offline") throw new TypeError("no network");
    const [status, body] = reply;
    return new Response(status === 204 ? null : JSON.stringify(body ?? {}), { status });
  }
}

export class FakeClock implements Clock {
  private time = Date.parse("2026-03-01T12:00:00Z");
  private waiting: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  later(run: () => void, milliseconds: number): () => void {
    const entry = { at: this.time + milliseconds, run };
    this.waiting.push(entry);
    return () => void (this.waiting = this.waiting.filter((other) => other !== entry));
  }

  /** Lets time pass, in the order of what is due, with room for answers in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = this.waiting.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.waiting.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
      await settled();
    }
    this.time = end;
  }
}

export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

export function bundle(lease: number, over: Partial<Bundle> = {}): Bundle {
  return {
    task: { id: lease + 100, queue: 1, round: 1, stage: "annotate", state: "open" },
    lease: { id: lease, slot: 0, expires_at: "2026-03-01T12:15:00Z" },
    item: { id: lease + 200, key: "a.jpg", width: 64, height: 48, group: null, frame: null, meta: {} },
    media: { url: "/full", display: "/display", thumb: "/thumb", width: 64, height: 48 },
    schema: { id: 1, number: 1, labels: [{ name: "car", kinds: ["box"] }] },
    draft: null, prediction: null, annotation: null, returned: null, comments: [],
    ...over,
  };
}

export function boxed(...ids: string[]): AnnotationDocument {
  return { objects: ids.map((id) => ({ id, kind: "box", label: "car", box: [1, 1, 5, 5] })), item: {} };
}
