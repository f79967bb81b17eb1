/** What the server sends for one task. Coordinates are pixels of the upright picture; text offsets are code points. */

export type Kind = "box" | "polygon" | "polyline" | "keypoints" | "point" | "mask" | "span" | "relation";
export type AttributeValue = boolean | string | number | string[];
export type Attributes = Record<string, AttributeValue>;
export type Title = Record<string, string>;

interface ObjectBase {
  id: string;
  label: string;
  attributes?: Attributes;
  track?: string;
  /** Who made it: absent means a person. */
  source?: "person" | "prediction" | "import" | "interpolated";
  model?: string;
  score?: number;
}
export interface BoxObject extends ObjectBase {
  kind: "box";
  /** x, y, width, height of the box before it is turned. */
  box: [number, number, number, number];
  /** Degrees clockwise about the centre. */
  rotation?: number;
}
export interface MaskObject extends ObjectBase {
  kind: "mask";
  /** COCO's compressed run lengths over the whole picture; size is [height, width]. */
  rle: { size: [number, number]; counts: string };
}
export interface SpanObject extends ObjectBase {
  kind: "span";
  /** Code points of the text. */
  start: number;
  end: number;
  /** The words between them. */
  text?: string;
}
export interface RelationObject extends ObjectBase {
  kind: "relation";
  from: string;
  to: string;
}
/** Kinds that this page does not draw yet travel through it untouched. */
export interface OtherObject extends ObjectBase {
  kind: Exclude<Kind, "box" | "mask" | "span" | "relation">;
  [field: string]: unknown;
}
export type AnyObject = BoxObject | MaskObject | SpanObject | RelationObject | OtherObject;

export interface AnnotationDocument {
  objects: AnyObject[];
  item: Attributes;
}

export interface Condition {
  attribute: string;
  equals?: AttributeValue;
  in?: AttributeValue[];
}
export interface Option {
  name: string;
  title?: Title;
  description?: string;
}
export interface Attribute {
  name: string;
  type: "bool" | "choice" | "text" | "number";
  title?: Title;
  description?: string;
  options?: (string | Option)[];
  multiple?: boolean;
  required?: boolean;
  min?: number;
  max?: number;
  default?: AttributeValue;
  /** `{"occluded": true}`: every named attribute has that value, or one of the values of a list. */
  when?: Record<string, AttributeValue | AttributeValue[]>;
}
export interface Skeleton {
  /** Names of the keypoints in their order. */
  points: string[];
  /** Pairs of 0-based places in `points`. */
  edges?: [number, number][];
}
export interface Label {
  name: string;
  kinds: Kind[];
  color?: string;
  hotkey?: string;
  title?: Title;
  description?: string;
  group?: string;
  attributes?: Attribute[];
  skeleton?: Skeleton;
}
export interface RelationLabel {
  name: string;
  title?: Title;
  description?: string;
  /** Labels that it may lead from and to; without them, any. */
  from?: string[];
  to?: string[];
}
export interface SchemaDocument {
  labels: Label[];
  item?: Attribute[];
  relations?: RelationLabel[];
}

export interface Comment {
  id: number;
  object: string | null;
  at: [number, number] | null;
  text: string;
  author: string | null;
  created_at: string;
}

export type Stage = "annotate" | "review" | "adjudicate";

export interface Bundle {
  task: { id: number; queue: number; round: number; stage: Stage; state: string };
  /** `slot` 0 is the one worked on, 1 the one fetched ahead. `expires_at` by the clock of the server, RFC 3339. */
  lease: { id: number; slot: number; expires_at: string };
  item: {
    id: number;
    key: string;
    width: number | null;
    height: number | null;
    group: string | null;
    frame: number | null;
    /** For a text item, its words; absent or null for a picture. */
    text?: string | null;
    meta: Record<string, unknown>;
  };
  /** Null for a text item. Width and height are those of the upright original, in which objects are measured. */
  media: { url: string; display: string; thumb: string; width: number; height: number } | null;
  schema: SchemaDocument & { id: number; number: number };
  draft: { revision: number; annotation: AnnotationDocument } | null;
  prediction: (AnnotationDocument & { model: string; score: number | null }) | null;
  /** For a review, the revision to judge; for returned work, the answer given before; else null. */
  annotation: (AnnotationDocument & { id: number; revision: number }) | null;
  /** Set on returned work: the verdict that sent it back. */
  returned?: { review?: number; reason: string; reason_key?: string; dispute?: { state: string; text: string; answer: string; decided_by: string | null } | null; author: string | null; created_at: string } | null;
  comments: Comment[];
  /** For a review: comments of the round before that were settled since. */
  settled?: (Comment & { settled_by: string | null })[];
  /** For a review: the revision that was judged last, else the one that the answer began from. */
  previous?: (AnnotationDocument & { id: number; revision: number }) | null;
  /** For an adjudication: the answers that differ, without names. */
  answers?: { label: string; annotation: AnnotationDocument & { id: number; revision: number } }[];
  /** One's own about this task. */
  questions?: { id: number; object: string | null; at: [number, number] | null; text: string; answer: string; answered_by: string | null; answered_at: string | null }[];
  guidelines?: { number: number; seen: number } | null;
}

export interface Config {
  queue: { id: number; name: string; stage: Stage; project?: { id: number; name: string } };
  /** People are told how right their answers to known items were. */
  tells?: boolean;
  person: { id: number; name: string };
  language: string;
  /** The queue is the run of a qualification: so many questions, and none is skipped. */
  run?: boolean;
  /** What the project offers as reasons for skipping. */
  skip_reasons?: string[];
  /** And for returning: a key that is kept, and its words in the reader's language. */
  return_reasons?: { key: string; words: string }[];
  /** For a reviewer: whom returned work may be given to instead of its author. */
  annotators?: { id: number; name: string }[];
  /** The person's own keys by action (actions/keymap.ts). */
  keys?: Record<string, string[]>;
  urls: { api: string; home: string; queue?: string; guidelines?: string };
  csrf: string;
}
