/** The annotation on the desk: its objects and item attributes, what is selected, hidden or locked, and the way back. */
import { batch, computed, signal } from "@preact/signals";
import type { AnnotationDocument, AnyObject, Attributes, AttributeValue } from "../sync/bundle.ts";
import { History } from "./history.ts";
import { applied, type Patch } from "./patch.ts";
import { confirmed } from "./tracks.ts";

/** Relations that lead from or to one of these objects: without it they would lead nowhere. */
function relationsOf({ objects }: AnnotationDocument, ids: readonly string[]): string[] {
  return objects.filter((one) => one.kind === "relation" && !ids.includes(one.id) && (ids.includes(one.from) || ids.includes(one.to))).map(({ id }) => id);
}

const EMPTY: AnnotationDocument = { objects: [], item: {} };

export class DocumentStore {
  readonly document = signal<AnnotationDocument>(EMPTY);
  readonly selected = signal<string | null>(null);
  /** Chosen together with it. */
  readonly others = signal<ReadonlySet<string>>(new Set());
  readonly hidden = signal<ReadonlySet<string>>(new Set());
  readonly locked = signal<ReadonlySet<string>>(new Set());
  readonly depth = signal({ undo: 0, redo: 0 });
  /** The document that the server has; what differs from it is not safe yet. */
  readonly saved = signal<AnnotationDocument>(EMPTY);
  readonly dirty = computed(() => this.document.value !== this.saved.value);
  readonly byId = computed(() => new Map(this.document.value.objects.map((object) => [object.id, object])));
  readonly current = computed<AnyObject | null>(() => this.byId.value.get(this.selected.value ?? "") ?? null);
  /** All that is chosen, in the document's order. */
  readonly selection = computed<readonly AnyObject[]>(() => {
    const [first, others] = [this.selected.value, this.others.value];
    if (!others.size) return this.current.value ? [this.current.value] : [];
    return this.document.value.objects.filter(({ id }) => id === first || others.has(id));
  });
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
      this.others.value = new Set();
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

  /** An object that a person changed: their own from now on, also where the machine had placed it. */
  put(object: AnyObject, kind: string | null = null): boolean {
    if (this.locked.peek().has(object.id)) return false;
    return this.change([{ op: "put", object: confirmed(object) }], kind);
  }

  /** Several at once, as one step back; the locked ones among them stay as they are. */
  putAll(objects: readonly AnyObject[], kind: string | null = null): boolean {
    const free = objects.filter(({ id }) => !this.locked.peek().has(id));
    return free.length > 0 && this.change(free.map((object) => ({ op: "put", object: confirmed(object) })), kind);
  }

  drop(id: string): boolean {
    return this.dropAll([id]);
  }

  dropAll(ids: readonly string[]): boolean {
    const free = ids.filter((id) => !this.locked.peek().has(id));
    return free.length > 0 && this.change([...relationsOf(this.document.peek(), free), ...free].map((id) => ({ op: "drop", id })));
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
    batch(() => {
      this.selected.value = id;
      if (this.others.peek().size) this.others.value = new Set();
    });
  }

  /** Chooses all of these; what was chosen first stays the first. */
  selectAll(ids: readonly string[]): void {
    const first = this.selected.peek();
    batch(() => {
      this.selected.value = first && ids.includes(first) ? first : (ids.at(-1) ?? null);
      this.others.value = new Set(ids.filter((id) => id !== this.selected.peek()));
    });
  }

  /** Adds to what is chosen, or takes out of it. */
  toggleSelected(id: string): void {
    const ids = this.selection.peek().map((object) => object.id);
    if (ids.includes(id)) this.selectAll(ids.filter((one) => one !== id));
    else this.selectAll([...ids, id]);
  }

  /** The object `by` places after the selected one, round and round; what is hidden is passed over. */
  step(by: 1 | -1): void {
    const ids = this.document.peek().objects.map(({ id }) => id).filter((id) => !this.hidden.peek().has(id));
    if (!ids.length) return;
    const at = ids.indexOf(this.selected.peek() ?? "");
    this.select(ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]!);
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
    if (about && !this.others.peek().has(about)) this.select(about);
    this.settle();
    return true;
  }

  private settle(): void {
    const selected = this.selected.peek();
    const ids = this.byId.peek();
    const others = this.others.peek();
    if (others.size && [...others, selected ?? ""].some((id) => !ids.has(id))) this.selectAll([...others, selected ?? ""].filter((id) => ids.has(id)));
    else if (selected && !ids.has(selected)) this.selected.value = null;
    this.tell();
  }

  private tell(): void {
    const now = this.history.depth;
    const before = this.depth.peek();
    if (now.undo !== before.undo || now.redo !== before.redo) this.depth.value = now;
  }
}
