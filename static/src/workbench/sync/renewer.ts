/** Keeps a lease alive while someone works under it: renewed at a third of its way, only after a sign of life. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { passing, Problem } from "../../kit/problem.ts";
import type { Clock } from "./clock.ts";

const LOOK = 5000;
/** Who gave a sign of life within this time is at work. */
const ACTIVE = 300_000;
/** An idle person is told so long before the task goes back. */
const TOLD = 120_000;

export class Renewer {
  /** When the lease ends, by this machine's clock. */
  readonly ends = signal(0);
  /** The task goes back soon unless there is a sign of life: it is told, with the seconds that are left. */
  readonly waning = signal(false);
  private skew = 0;
  private renewAt = 0;
  private alive = 0;
  private busy = false;
  private stop: (() => void) | null = null;
  private readonly client: Client;
  private readonly lease: number;
  private readonly ended: (problem: Problem | null) => void;
  private readonly clock: Clock;

  /** `ended(null)`: time ran out by the clock, though the server has not said so. */
  constructor(client: Client, lease: { id: number; expires_at: string }, skew: number, ended: (problem: Problem | null) => void, clock: Clock) {
    this.client = client;
    this.lease = lease.id;
    this.ended = ended;
    this.clock = clock;
    this.skew = skew;
    this.alive = clock.now();
    this.until(lease.expires_at);
    this.watch();
  }

  beat(): void {
    this.alive = this.clock.now();
    if (this.waning.peek() && this.stop) void this.renew(); // who was told and stays need not wait for the next look
  }

  close(): void {
    this.stop?.();
    this.stop = null;
    this.waning.value = false;
  }

  async renew(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const { data, skew } = await this.client.call<{ expires_at: string }>("POST", `/leases/${this.lease}/renew`);
      this.skew = skew ?? this.skew;
      if (this.stop) this.until(data!.expires_at);
    } catch (error) {
      if (!passing(error) && error instanceof Problem && this.stop) {
        this.close();
        this.ended(error);
      }
    } finally {
      this.busy = false;
    }
  }

  private until(expires: string): void {
    const now = this.clock.now();
    const left = Math.max(Date.parse(expires) - this.skew - now, 0);
    this.ends.value = Date.parse(expires) - this.skew;
    this.renewAt = now + left / 3;
    this.tell(now);
  }

  /** Of a short lease, its last third. */
  private tell(now: number): void {
    const told = Math.min(TOLD, (this.ends.peek() - this.renewAt) / 2);
    this.waning.value = now >= this.ends.peek() - told && now < this.ends.peek();
  }

  private watch(): void {
    this.stop = this.clock.later(() => {
      if (!this.stop) return;
      const now = this.clock.now();
      if (now >= this.ends.peek()) {
        this.close();
        return this.ended(null);
      }
      // A person who left keeps nothing from others: no sign of life lately, no renewal.
      if (now >= this.renewAt && now - this.alive < Math.max(60_000, Math.min(ACTIVE, this.ends.peek() - this.renewAt))) void this.renew();
      this.tell(now);
      this.watch();
    }, Math.min(LOOK, Math.max(this.ends.peek() - this.clock.now(), 250)));
  }
}
