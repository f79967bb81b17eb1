/** Whether the person whose work this is is still signed in here; asked when the server refuses, and when they come back. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { Problem } from "../../kit/problem.ts";

export type Who =
  | "same"
  /** The session is over: sign in anew, in another tab, and this one goes on. */
  | "nobody"
  /** Somebody else signed in with this browser; theirs is another page. */
  | "other";

export class Session {
  readonly who = signal<Who>("same");
  private asking: Promise<boolean> | null = null;
  private readonly client: Client;
  private readonly person: number;
  private readonly back: () => void;

  /** `back`: the same person is signed in again. */
  constructor(client: Client, person: number, back: () => void) {
    this.client = client;
    this.person = person;
    this.back = back;
    client.lapsed = () => this.check();
  }

  /** True when the same person is signed in. Without a network nothing is known and nothing changes. */
  check(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    const before = this.who.peek();
    try {
      const { data } = await this.client.call<{ id: number; csrf?: string }>("GET", "/me", { bare: true });
      this.who.value = data?.id === this.person ? "same" : "other";
      if (this.who.peek() === "same" && data?.csrf) this.client.csrf = data.csrf;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.who.value = "nobody";
      else return false;
    }
    if (before !== "same" && this.who.peek() === "same") this.back();
    return this.who.peek() === "same";
  }
}
