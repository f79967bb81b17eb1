/** The annotation on the desk: its objects and item attributes, what is selected, hidden or locked, and the way back. */
import { batch, computed, signal } from "@preact/signals";
import type { AnnotationDocument, AnyObject, Attributes, AttributeValue } from "../sync/bundle.ts";
import { History } from "./history.ts";
import { applied, type Patch } from "./patch.ts";

const EMPTY: AnnotationDocument = { objects: [], item: {} };

export class DocumentStore {
  readonly document = signal<AnnotationDocument>(EMPTY);
  readonly selected = signal<string | null>(null);
  readonly hidden = signal<ReadonlySet<string>>(new Set());
  readonly locked = signal<ReadonlySet<string>>(new Set());
  readonly depth = signal({ undo: 0, redo: 0 });
  /** The document that the server has; what differs from it is not safe yet. */
  readonly saved = signal<AnnotationDocument>(EMPTY);
  readonly dirty = computed(() => this.document.value !== this.saved.value);
  readonly byId = computed(() => new Map(this.document.value.objects.map((object) => [object.id, object])));
  readonly current = computed<AnyObject | null>(() => this.byId.value.get(this.selected.value ?? "") ?? null);
  /** Objects that may not be changed at all: a reviewer who only looks. */
  readonly frozen = signal(false);
  private readonly history = new History();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Puts another document on the desk; nothing before it can be undone. */
  load(document: AnnotationDocument): void {
    const plain = { objects: document.objects, item: document.item };
    this.history.clear();
    batch(() => {
      // At once: in between, the new document would look like a change of the old one.
      this.document.value = plain;
      this.saved.value = plain;
      this.selected.value = null;
      this.hidden.value = new Set();
      this.locked.value = new Set();
    });
    this.tell();
  }

  /** Applies a change; false when it is not allowed. `kind`: see `History.add`. */
  change(patch: Patch, kind: string | null = null): boolean {
    if (this.frozen.peek()) return false;
    const { document, back } = applied(this.document.peek(), patch);
    if (!back.length) return false;
    const first = patch.find((step) => step.op !== "item");
    const about = first ? (first.op === "put" ? first.object.id : first.op === "drop" ? first.id : null) : null;
    this.history.add({ there: patch, back, about }, kind, this.now());
    this.document.value = document;
    this.settle();
    return true;
  }

  put(object: AnyObject, kind: string | null = null): boolean {
    if (this.locked.peek().has(object.id)) return false;
    return this.change([{ op: "put", object }], kind);
  }

  drop(id: string): boolean {
    if (this.locked.peek().has(id)) return false;
    return this.change([{ op: "drop", id }]);
  }

  setAttribute(object: AnyObject, name: string, value: AttributeValue | undefined): boolean {
    const { [name]: _, ...rest } = object.attributes ?? {};
    const attributes: Attributes = value === undefined ? rest : { ...rest, [name]: value };
    return this.put({ ...object, attributes }, `attribute ${object.id} ${name}`);
  }

  setItem(name: string, value: AttributeValue | undefined): boolean {
    return this.change([{ op: "item", name, value }], `item ${name}`);
  }

  undo(): boolean {
    const entry = this.frozen.peek() ? undefined : this.history.undo();
    return this.replay(entry?.back, entry?.about);
  }

  redo(): boolean {
    const entry = this.frozen.peek() ? undefined : this.history.redo();
    return this.replay(entry?.there, entry?.about);
  }

  select(id: string | null): void {
    this.selected.value = id;
  }

  /** The object `by` places after the selected one, round and round; what is hidden is passed over. */
  step(by: 1 | -1): void {
    const ids = this.document.peek().objects.map(({ id }) => id).filter((id) => !this.hidden.peek().has(id));
    if (!ids.length) return;
    const at = ids.indexOf(this.selected.peek() ?? "");
    this.selected.value = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]!;
  }

  toggle(which: "hidden" | "locked", id: string): void {
    const next = new Set(this[which].peek());
    if (!next.delete(id)) next.add(id);
    this[which].value = next;
  }

  /** All hidden, or all shown when any is hidden already. */
  toggleAll(which: "hidden" | "locked"): void {
    const all = this.document.peek().objects.map(({ id }) => id);
    this[which].value = new Set(this[which].peek().size ? [] : all);
  }

  private replay(patch: Patch | undefined, about: string | null | undefined): boolean {
    if (!patch) return false;
    this.document.value = applied(this.document.peek(), patch).document;
    if (about) this.selected.value = about;
    this.settle();
    return true;
  }

  private settle(): void {
    const selected = this.selected.peek();
    if (selected && !this.byId.value.has(selected)) this.selected.value = null;
    this.tell();
  }

  private tell(): void {
    const now = this.history.depth;
    const before = this.depth.peek();
    if (now.undo !== before.undo || now.redo !== before.redo) this.depth.value = now;
  }
}
