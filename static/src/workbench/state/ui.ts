/** What the page shows beside the document: the tool, the label to draw with, open forms, the last message. */
import { signal } from "@preact/signals";
import type { Point } from "../geometry/plane.ts";
import type { AnnotationDocument, AnyObject } from "../sync/bundle.ts";
import { NO_FAULTS, type Faults } from "./faults.ts";

export type ToolName = "select" | "box";
export type Form = "return" | "skip" | null;
export interface Message {
  text: string;
  tone: "info" | "good" | "warn" | "bad";
}
export interface DraftComment {
  object: string | null;
  text: string;
}

export class Ui {
  readonly tool = signal<ToolName>("select");
  /** The label of the next box. */
  readonly label = signal("");
  /** The box just drawn: a label's key means the next one, not this one. */
  readonly fresh = signal<string | null>(null);
  /** An object under the hand, shown in place of the stored one until the hand lets go. */
  readonly preview = signal<AnyObject | null>(null);
  readonly hovered = signal<string | null>(null);
  /** Where the pointer is, in picture space; null when it is off the stage. */
  readonly pointer = signal<Point | null>(null);
  /** A submit was tried: from then on what is required is asked for as one goes. */
  readonly asked = signal(false);
  /** What the server refused, and the document it was about. */
  readonly refused = signal<{ fields: Record<string, string>; document: AnnotationDocument } | null>(null);
  /** What is wrong now. */
  readonly faults = signal<Faults>(NO_FAULTS);
  readonly message = signal<Message | null>(null);
  readonly help = signal(false);
  readonly form = signal<Form>(null);
  /** A reviewer who mends what they see. */
  readonly fixing = signal(false);
  /** A comment that is typed and not yet added; it goes along with a verdict. */
  readonly writing = signal("");
  readonly comments = signal<readonly DraftComment[]>([]);
  readonly picture = signal<"loading" | "shown" | "failed">("loading");
  /** Names drawn beside the objects. */
  readonly names = signal(true);

  /** A fresh task: what belonged to the last one goes. */
  reset(): void {
    this.fresh.value = null;
    this.preview.value = null;
    this.hovered.value = null;
    this.asked.value = false;
    this.refused.value = null;
    this.faults.value = NO_FAULTS;
    this.form.value = null;
    this.fixing.value = false;
    this.comments.value = [];
    this.writing.value = "";
  }
}
