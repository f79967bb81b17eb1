/** What the sync layer needs of the world around it, so that tests can turn the clock themselves. */
export interface Clock {
  /** Milliseconds since 1970 by this machine. */
  now(): number;
  /** Runs later; the answer takes it back. */
  later(run: () => void, milliseconds: number): () => void;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  later(run, milliseconds) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Seconds a person truly worked: gaps longer than `IDLE` count as `IDLE`, a hidden page does not count. */
export class Stopwatch {
  private static readonly IDLE = 60_000;
  private spent = 0;
  private last: number;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
    this.last = clock.now();
  }

  /** A sign of life: a key, a move of the mouse, the page coming back. */
  beat(): void {
    const now = this.clock.now();
    this.spent += Math.min(Math.max(now - this.last, 0), Stopwatch.IDLE);
    this.last = now;
  }

  /** The page went out of sight: what passes until the next beat does not count. */
  resume(): void {
    this.last = this.clock.now();
  }

  get seconds(): number {
    this.beat();
    return Math.round(this.spent / 100) / 10;
  }
}
