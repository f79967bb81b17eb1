/** The guidelines as this page knows them: whether they lie open, which version counts, which one the person read. */
import { signal } from "@preact/signals";
import type { Guidelines } from "../actions/asking.ts";

export class Asking {
  readonly open = signal(false);
  readonly state = signal<"loading" | "there" | "failed">("loading");
  readonly guidelines = signal<Guidelines | null>(null);
  readonly seen = signal(0);
  readonly newest = signal(0);
  /** The version that was brought up by itself last: not again while the page lives. */
  brought = 0;
}
