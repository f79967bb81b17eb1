/** What the page shows beside the document: the tool, the label to draw with, open forms, the last message. */
import { signal } from "@preact/signals";
import type { Point } from "../geometry/plane.ts";
import type { AnnotationDocument, AnyObject } from "../sync/bundle.ts";
import type { ToolName } from "../tools/registry.ts";
import type { Kind } from "../sync/bundle.ts";
import { NO_FAULTS, type Faults } from "./faults.ts";
import { Painting } from "./painting.ts";
import { PLAIN, type Sort, type View } from "./view.ts";

export type { ToolName };
export type Form = "return" | "skip" | "ask" | "dispute" | "propagate" | null;
export interface Message {
  text: string;
  tone: "info" | "good" | "warn" | "bad";
  /** What can be done about it. */
  act?: { word: string; run(): void };
}
export interface DraftComment {
  object: string | null;
  at?: [number, number] | null;
  text: string;
}

/** What was put into the form that asks why, or what: not sent yet. */
export interface Said {
  form: "return" | "skip" | "ask" | "dispute";
  reason: string;
  words: string;
}

export interface Hint {
  name: string;
  at: number;
  of: number;
  covered: boolean;
}

export class Ui {
  readonly tool = signal<ToolName>("select");
  /** Kind to the tool that drew it last. */
  readonly used = new Map<Kind, ToolName>();
  /** Clicks of an unfinished drawing: what Backspace takes back one by one. */
  readonly sketched = signal(0);
  /** The keypoint that the next click places: its name, its place and how many there are. */
  readonly hint = signal<Hint | null>(null);
  /** The outline that clicks correct: its object. */
  readonly refining = signal<string | null>(null);
  /** The point that the keys move: its object and the name of its handle. */
  readonly vertex = signal<{ id: string; handle: string; said: Message | null } | null>(null);
  /** The label of the next box. */
  readonly label = signal("");
  /** The box just drawn: a label's key means the next one, not this one. */
  readonly fresh = signal<string | null>(null);
  /** An object under the hand, shown in place of the stored one until the hand lets go. */
  readonly preview = signal<AnyObject | null>(null);
  /** Others that move along with it. */
  readonly previews = signal<readonly AnyObject[]>([]);
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
  /** The list of work that this browser keeps. */
  readonly kept = signal(false);
  /** What is looked for by typing: any action, or a label. */
  readonly finder = signal<"actions" | "labels" | null>(null);
  /** The list of one's own last answers. */
  readonly mine = signal(false);
  /** What became of the last change of keys. */
  readonly keysSaid = signal("");
  readonly form = signal<Form>(null);
  readonly said = signal<Said | null>(null);
  /** A reviewer who mends what they see. */
  readonly fixing = signal(false);
  /** A comment that is typed and not yet added; it goes along with a verdict. */
  readonly writing = signal("");
  readonly comments = signal<readonly DraftComment[]>([]);
  readonly picture = signal<"loading" | "shown" | "failed">("loading");
  /** Names drawn beside the objects. */
  readonly names = signal(true);
  /** What the list of objects shows, and in which order. */
  readonly filter = signal("");
  readonly sort = signal<Sort>("drawn");
  readonly view = signal<View>(PLAIN);
  readonly painting = new Painting();
  /** Answers that differ lie beside each other, not over each other. */
  readonly beside = signal(false);
  /** Lines through the pointer while drawing. */
  readonly cross = signal(true);

  /** A fresh task: what belonged to the last one goes. */
  reset(): void {
    this.fresh.value = null;
    this.preview.value = null;
    this.filter.value = "";
    this.previews.value = [];
    this.sketched.value = 0;
    this.hint.value = null;
    this.refining.value = null;
    this.vertex.value = null;
    this.hovered.value = null;
    this.asked.value = false;
    this.refused.value = null;
    this.faults.value = NO_FAULTS;
    this.form.value = null;
    this.said.value = null;
    this.fixing.value = false;
    this.comments.value = [];
    this.writing.value = "";
  }
}
