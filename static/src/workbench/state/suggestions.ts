/** What a model guessed about the item and no person has decided on yet. Suggestions are no part of the answer until they
 * are accepted; an accepted one keeps its id, so that what is open follows from the document, undo included. */
import { batch, computed, signal } from "@preact/signals";
import type { AnyObject, Attributes, Bundle } from "../sync/bundle.ts";
import type { DocumentStore } from "./document.ts";
import type { Step } from "./patch.ts";

export class Suggestions {
  readonly objects = signal<readonly AnyObject[]>([]);
  readonly item = signal<Attributes>({});
  readonly model = signal("");
  readonly rejected = signal<ReadonlySet<string>>(new Set());
  /** The suggestion under consideration: accept and reject mean this one. */
  readonly current = signal<string | null>(null);
  /** From this score on "accept all" takes them. */
  readonly least = signal(0.5);
  private readonly store: DocumentStore;
  private score: number | null = null;

  constructor(store: DocumentStore) {
    this.store = store;
  }

  readonly open = computed<readonly AnyObject[]>(() => {
    if (this.store.frozen.value) return [];
    const [there, gone] = [this.store.byId.value, this.rejected.value];
    return this.objects.value.filter(({ id }) => !there.has(id) && !gone.has(id));
  });
  /** Names of values of the item that the model would set otherwise. */
  readonly values = computed<readonly string[]>(() => {
    if (this.store.frozen.value) return [];
    const [item, gone] = [this.store.document.value.item, this.rejected.value];
    return Object.keys(this.item.value).filter((name) => !gone.has(name) && JSON.stringify(item[name]) !== JSON.stringify(this.item.value[name]));
  });
  readonly byId = computed(() => new Map(this.open.value.map((object) => [object.id, object])));
  readonly chosen = computed(() => this.byId.value.get(this.current.value ?? "") ?? null);
  /** Those that "accept all" would take. */
  readonly likely = computed(() => this.open.value.filter((object) => (object.score ?? 1) >= this.least.value));

  /** Suggestions are for those who answer afresh: an answer that came back or is judged has its own beginning. */
  arrived(bundle: Bundle): void {
    const guess = bundle.annotation ? null : bundle.prediction;
    this.score = guess?.score ?? null;
    batch(() => {
      this.rejected.value = new Set();
      this.current.value = null;
      this.model.value = guess?.model ?? "";
      this.item.value = guess?.item ?? {};
      this.objects.value = (guess?.objects ?? []).map((object) => this.signed(object, guess!.model));
    });
  }

  /** Goes to the suggestion `by` places on, round and round. */
  step(by: 1 | -1): AnyObject | null {
    const open = this.open.peek();
    if (!open.length) return null;
    const at = open.findIndex(({ id }) => id === this.current.peek());
    const next = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length]!;
    this.current.value = next.id;
    return next;
  }

  /** Puts the objects into the answer as one step back; false when nothing came of it. */
  accept(objects: readonly AnyObject[]): boolean {
    const steps = new Map<string, Step>();
    const take = (object: AnyObject | undefined): void => {
      if (!object || steps.has(object.id)) return;
      // A relation brings what it joins along.
      if (object.kind === "relation") for (const id of [object.from, object.to]) take(this.byId.peek().get(id));
      steps.set(object.id, { op: "put", object });
    };
    objects.forEach(take);
    return steps.size > 0 && this.store.change([...steps.values()]);
  }

  acceptValue(name: string): boolean {
    return this.store.setItem(name, this.item.peek()[name]);
  }

  /** Out of sight, until brought back. `key`: an object's id or the name of a value. */
  reject(key: string): void {
    this.rejected.value = new Set([...this.rejected.peek(), key]);
  }

  bringBack(): void {
    this.rejected.value = new Set();
  }

  private signed(object: AnyObject, model: string): AnyObject {
    const score = object.score ?? this.score;
    return { ...object, source: "prediction", model: object.model ?? model, ...(score === null || score === undefined ? {} : { score }) };
  }
}
