/** Nothing is lost: every change goes to the journal as it is made, and comes back from there when a task is opened anew. */
import { effect, signal, untracked } from "@preact/signals";
import type { DocumentStore } from "../state/document.ts";
import { wholly } from "../state/whole.ts";
import type { DraftComment, Ui } from "../state/ui.ts";
import type { AnnotationDocument, Bundle } from "./bundle.ts";
import type { Desk } from "./desk.ts";
import type { Theirs } from "./draft.ts";
import type { Entry, EntryKey, Journal } from "./journal.ts";
import { difference, opening, same, type Difference } from "./restoring.ts";

/** Two documents of one task, of which a person must choose one. */
export interface Choice {
  /** "tab": saved from another tab or machine; "kept": left in this browser. */
  from: "tab" | "kept";
  /** What is not on the screen. */
  other: AnnotationDocument;
  at: number | null;
  entry: Entry | null;
}
export interface Restored {
  at: number;
  what: Difference;
  words: number;
}

interface Scene {
  store: DocumentStore;
  ui: Ui;
  desk: Desk;
  journal: Journal;
  now?: () => number;
  /** Work came back from the journal. */
  restored(what: Restored): void;
}

export class Keeper {
  readonly choice = signal<Choice | null>(null);
  private bundle: Bundle | null = null;
  private last: Entry | null = null;
  /** The task went out of this person's hands: what is on the screen is written though the server may have it. */
  private over = false;
  private readonly scene: Scene;

  constructor(scene: Scene) {
    this.scene = scene;
    const { store, ui } = scene;
    effect(() => {
      void [store.document.value, store.dirty.value, ui.comments.value, ui.writing.value, ui.fixing.value, ui.said.value];
      untracked(() => this.note());
    });
  }

  /** Before the first task is asked for. */
  ready(): Promise<void> {
    return this.scene.journal.refresh();
  }

  /** The desk is cleared for another task. */
  close(): void {
    this.bundle = null;
    this.over = false;
    this.choice.value = null;
  }

  /** The task is not this person's any more: somebody else may answer it, so what was drawn is kept here to be copied. */
  ended(): void {
    const document = this.scene.store.document.peek();
    const before = this.bundle?.annotation;
    this.over = before ? !same(document, before) : document.objects.length > 0 || this.scene.store.dirty.peek();
    this.note(true);
  }

  /** A task was laid on the desk and `start` is on the screen: what the journal has beyond it comes back. */
  opened(bundle: Bundle, start: AnnotationDocument): void {
    const { journal, store, ui } = this.scene;
    const found = opening(journal.of(bundle.task.id), bundle, start);
    journal.forget(found.done);
    this.last = null;
    const { restore, apart } = found;
    if (restore) this.restore(restore);
    this.bundle = bundle;
    if (restore) {
      this.note();
      journal.forget([restore]); // after this tab's own entry, which has all of it
      const what = difference(start, store.document.peek());
      this.scene.restored({ at: restore.at, what, words: ui.comments.peek().length + [ui.writing.peek(), restore.words?.said?.words ?? ""].filter((text) => text.trim()).length });
    }
    if (apart) this.choice.value = { from: "kept", other: apart.document!, at: apart.at, entry: apart };
  }

  /** The server has another draft than this tab. */
  overtaken(theirs: Theirs): void {
    this.choice.value = { from: "tab", other: theirs.annotation, at: null, entry: null };
  }

  /** What a choice is about: from what is on the screen to the other. */
  compare(choice: Choice): Difference {
    return difference(this.scene.store.document.value, choice.other);
  }

  choose(which: "here" | "other"): void {
    const choice = this.choice.peek();
    if (!choice) return;
    const { store, desk, journal } = this.scene;
    this.choice.value = null;
    if (which === "other") this.replace(choice.other);
    if (choice.entry) journal.forget([choice.entry]); // let go, or in this tab's own entry by now
    if (choice.from === "tab") desk.draft.peek()?.choose(store.document.peek());
  }

  /** To be asked again: the choice that was put off. */
  ask(): boolean {
    const theirs = this.scene.desk.draft.peek()?.theirs;
    if (theirs && !this.choice.peek()) this.overtaken(theirs);
    return this.choice.peek() !== null;
  }

  /** A save is on its way: the journal knows which, so that its echo is not taken for another's work. */
  sending(): void {
    this.note(true);
  }

  /** The server has what was sent: the journal need not, or is based on it from now on. */
  saved(): void {
    this.note(true);
  }

  /** The task has its answer. */
  answered(bundle: Bundle): void {
    if (this.bundle?.task.id === bundle.task.id) this.close();
    this.scene.journal.forget(this.scene.journal.of(bundle.task.id));
  }

  /** What was kept of other tasks: it can be copied, or let go. */
  kept(): Entry[] {
    return this.scene.journal.all().filter(({ task, document }) => document && task !== this.bundle?.task.id);
  }

  private restore(entry: Entry): void {
    const { store, ui, desk } = this.scene;
    if (entry.words) {
      ui.comments.value = entry.words.comments as readonly DraftComment[];
      ui.writing.value = entry.words.writing;
      if (entry.words.said) [ui.said.value, ui.form.value] = [entry.words.said, entry.words.said.form]; // as it was open then
      if (entry.words.fixing) {
        ui.fixing.value = true;
        store.frozen.value = false;
      }
    }
    if (entry.document && !same(entry.document, store.document.peek())) this.replace(entry.document);
    const draft = desk.draft.peek();
    if (draft) draft.sent = entry.sent; // what the crashed tab had under way may arrive yet, and is no stranger
  }

  private replace(document: AnnotationDocument): void {
    const { store, ui } = this.scene;
    if (store.frozen.peek()) {
      ui.fixing.value = true;
      store.frozen.value = false;
    }
    store.change(wholly(store.document.peek(), document));
  }

  /** Writes what is on the screen when the server does not have it, and forgets it when it does. */
  private note(anew = false): void {
    const { bundle, scene } = this;
    const lease = bundle?.lease.id;
    if (!bundle || lease === undefined) return;
    const { store, ui, journal, desk } = scene;
    const draft = desk.draft.peek();
    const document = store.dirty.peek() || this.over ? store.document.peek() : null;
    const [comments, writing, fixing, said] = [ui.comments.peek(), ui.writing.peek(), ui.fixing.peek(), ui.said.peek()];
    const words = comments.length || writing.trim() || said?.words.trim() ? { comments, writing, fixing, said } : null;
    const key: EntryKey = { person: journal.person, task: bundle.task.id, lease, tab: journal.tab };
    if (!document && !words) {
      this.last = null;
      journal.forget([key]);
      return;
    }
    const before = this.last;
    if (!anew && before && before.document === document && before.words?.comments === words?.comments && before.words?.writing === words?.writing && before.words?.said === words?.said) return;
    this.last = {
      ...key, queue: bundle.task.queue, item: bundle.item.id, name: bundle.item.key, round: bundle.task.round,
      answer: bundle.annotation?.id ?? null, revision: draft?.revision ?? 0, sent: draft?.sent ?? [], document, words,
      at: (scene.now ?? Date.now)(),
    };
    journal.write(this.last);
  }
}
