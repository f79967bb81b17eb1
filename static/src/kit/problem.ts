/** What can go wrong between the page and the server, as two kinds: it answered "no", or it did not answer. */

/** The server refused; carries the fields of its `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Path of an input to what is wrong with it. */
  readonly fields: Record<string, string>;
  /** Seconds the server asks to wait, from `Retry-After`. */
  readonly retryAfter: number | null;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    const detail = String(body.detail ?? body.title ?? `HTTP ${status}`);
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = String(body.code ?? "");
    this.detail = detail;
    this.fields = (body.fields ?? {}) as Record<string, string>;
    this.retryAfter = retryAfter;
    this.body = body;
  }

  /** Worth sending again unchanged: the server was busy or broken, not unwilling. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429 || this.code === "in_flight";
  }
}

/** No answer came: the request may or may not have been carried out. */
export class Offline extends Error {
  constructor(cause?: unknown) {
    super("offline", { cause });
    this.name = "Offline";
  }
}

/** Nobody, or somebody else, is signed in here now. What waits can be sent when the person is back. */
export class SignedOut extends Offline {
  constructor(cause?: unknown) {
    super(cause);
    this.name = "SignedOut";
  }
}

/** True for what a retry of the same request may mend. */
export function passing(error: unknown): boolean {
  return error instanceof Offline || (error instanceof Problem && error.passing);
}
