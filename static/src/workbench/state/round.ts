/** The talk about an answer: what changed since it was judged last, pins to step through, the last verdict, both sides of a
 * disagreement. Beside the document, for none of it is part of the answer. */
import { computed, signal } from "@preact/signals";
import type { AnnotationDocument, AnyObject, Bundle } from "../sync/bundle.ts";
import type { Verdict } from "../sync/phase.ts";
import { changes, type Change } from "./changes.ts";
import { NO_SIDES, sidesOf, standing, type Sides } from "./sides.ts";
import type { DraftComment } from "./ui.ts";

export interface Judged {
  review: number;
  item: number;
  verdict: Verdict["verdict"];
  comments: readonly DraftComment[];
}

export class Round {
  /** What the answer was when it was judged last; null in a first round. */
  readonly before = signal<AnnotationDocument | null>(null);
  readonly changes = signal<readonly Change[]>([]);
  readonly shown = signal(true);
  /** The verdict just given, while it can be taken back from here. */
  readonly judged = signal<Judged | null>(null);
  /** A point that the comment being written is pinned to. */
  readonly place = signal<[number, number] | null>(null);
  /** The disagreement, or else of comments and then changes the one, that was stepped to; -1 for none. */
  readonly at = signal(-1);
  readonly settled = signal<ReadonlySet<number>>(new Set());
  readonly sides = signal<Sides>(NO_SIDES);
  /** Disagreement → the side taken for it last, or `NEITHER`. */
  readonly taken = signal<ReadonlyMap<number, number>>(new Map());
  /** How each disagreement stands in the answer: a side, `NEITHER`, or undefined while it is open. */
  readonly standing = computed(() => {
    const [document, taken] = [this.document(), this.taken.value];
    return this.sides.value.disputes.map((dispute, at) => standing(dispute, document, taken.get(at)));
  });
  readonly agreed = computed<ReadonlySet<string>>(() => new Set(this.sides.value.agreed.map(({ id }) => id)));
  readonly undecided = computed(() => this.standing.value.filter((side) => side === undefined).length);
  private readonly document: () => AnnotationDocument;

  /** `document`: the answer on the desk, read as a signal. */
  constructor(document: () => AnnotationDocument) {
    this.document = document;
  }

  arrived(bundle: Bundle): void {
    const [old, now] = [bundle.previous ?? null, bundle.annotation];
    this.before.value = old;
    this.changes.value = old && now ? changes(old, now) : [];
    this.place.value = null;
    this.at.value = sidesOf(bundle).disputes.length ? 0 : -1;
    this.settled.value = new Set();
    this.sides.value = sidesOf(bundle);
    this.taken.value = new Map();
  }

  /** Objects that are no more, as they were; drawn, since a list alone would not show where. */
  get gone(): AnyObject[] {
    return this.changes.peek().filter(({ change }) => change === "removed").map(({ before }) => before as AnyObject);
  }
}
