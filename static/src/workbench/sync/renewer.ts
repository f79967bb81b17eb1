/** Keeps a lease alive while someone works under it: renewed at two thirds of its way, only after a sign of life. */
import { signal } from "@preact/signals";
import type { Client } from "../../kit/client.ts";
import { passing, Problem } from "../../kit/problem.ts";
import type { Clock } from "./clock.ts";

const LOOK = 5000;

export class Renewer {
  /** When the lease ends, by this machine's clock. */
  readonly ends = signal(0);
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
  }

  close(): void {
    this.stop?.();
    this.stop = null;
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
    this.ends.value = Date.parse(expires) - this.skew;
    this.renewAt = now + Math.max(this.ends.value - now, 0) / 3;
  }

  private watch(): void {
    this.stop = this.clock.later(() => {
      if (!this.stop) return;
      const now = this.clock.now();
      if (now >= this.ends.peek()) {
        this.close();
        return this.ended(null);
      }
      // A person who left keeps nothing from others: no sign of life since the last third, no renewal.
      if (now >= this.renewAt && now - this.alive < Math.max(60_000, this.ends.peek() - this.renewAt)) void this.renew();
      this.watch();
    }, LOOK);
  }
}
