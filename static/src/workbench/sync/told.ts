/** In a queue that tells how right answers to known items were: after an answer, whether there is something to say of it. */
import { type Clock, wallClock } from "./clock.ts";
import type { Answered, Feedback } from "./phase.ts";

const LOOKS = [3000, 9000]; // milliseconds after the answer: measuring it takes a moment

export class Told {
  private readonly mine: () => Promise<Answered[]>;
  private readonly say: (feedback: Feedback) => void;
  private readonly clock: Clock;
  private readonly said = new Set<number>();

  constructor(mine: () => Promise<Answered[]>, say: (feedback: Feedback) => void, clock: Clock = wallClock) {
    this.mine = mine;
    this.say = say;
    this.clock = clock;
  }

  /** An answer to this item was sent. */
  after(item: number): void {
    for (const milliseconds of LOOKS) this.clock.later(() => void this.look(item), milliseconds);
  }

  private async look(item: number): Promise<void> {
    if (this.said.has(item)) return;
    const rows = await this.mine().catch(() => []); // out of reach: it stands in the list of one's answers
    const feedback = rows.find((row) => row.item === item)?.feedback;
    if (!feedback || this.said.has(item)) return;
    this.said.add(item);
    this.say(feedback);
  }
}
