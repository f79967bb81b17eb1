/** Calls to the API from a page: session cookie, CSRF, JSON both ways, idempotency keys, problems as errors. */
import { Offline, Problem, SignedOut } from "./problem.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface CallOptions {
  body?: unknown;
  /** Sent as `Idempotency-Key`: the same key and body give the first answer again. */
  key?: string;
  /** Let the request outlive the page; the browser refuses bodies above 64 kB. */
  keepalive?: boolean;
  /** Milliseconds until silence counts as offline. */
  timeout?: number;
  /** A refusal for want of a session is only told, not asked about (`Client.lapsed`). */
  bare?: boolean;
}

export interface Answer<T> {
  status: number;
  data: T | null;
  /** Milliseconds by which the server's clock is ahead of this one; null when it did not say. */
  skew: number | null;
}

export class Client {
  /** Asked when the session is refused: true when the same person has a session after all, and its `csrf` is set. */
  lapsed: (() => Promise<boolean>) | null = null;
  csrf: string;
  private readonly base: string;
  private readonly fetch: Fetch;

  constructor(base: string, csrf: string, fetcher: Fetch = (url, init) => fetch(url, init)) {
    this.base = base;
    this.csrf = csrf;
    this.fetch = fetcher;
  }

  /** @throws Offline when nothing came back, SignedOut when the session is over, Problem when the server refused. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    try {
      return await this.once<T>(method, path, options);
    } catch (error) {
      const lapsed = error instanceof Problem && (error.status === 401 || error.code === "csrf");
      if (!lapsed || !this.lapsed || options.bare) throw error;
      if (!(await this.lapsed())) throw new SignedOut(error);
      return await this.once<T>(method, path, options);
    }
  }

  private async once<T>(method: Method, path: string, options: CallOptions): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.csrf;
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    if (options.key) headers["Idempotency-Key"] = options.key;
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(this.base + path, {
        method,
        headers,
        credentials: "same-origin",
        body: options.body === undefined ? null : JSON.stringify(options.body),
        keepalive: options.keepalive ?? false,
        signal: AbortSignal.timeout(options.timeout ?? 20_000),
      });
      text = await response.text();
    } catch (error) {
      throw new Offline(error);
    }
    const data = parse(text);
    if (!response.ok) {
      const wait = Number(response.headers.get("Retry-After"));
      throw new Problem(response.status, (data ?? {}) as Record<string, unknown>, wait > 0 ? wait : null);
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    return { status: response.status, data: data as T | null, skew: Number.isNaN(date) ? null : date - Date.now() };
  }
}

function parse(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's HTML page; the status says enough
  }
}
