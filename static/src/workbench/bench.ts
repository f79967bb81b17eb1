/** The workbench without its looks: stores, desk and viewport wired together, and the acts that need several of them. */
import { effect } from "@preact/signals";
import { Client } from "../kit/client.ts";
import type { Problem } from "../kit/problem.ts";
import type { Words } from "../kit/words.ts";
import type { Point, Rect } from "./geometry/plane.ts";
import { Viewport } from "./geometry/viewport.ts";
import { DocumentStore } from "./state/document.ts";
import { joined, NO_FAULTS, sortFaults, standing } from "./state/faults.ts";
import { defaults, labelKeys, labelOf, missing } from "./state/schema.ts";
import { Suggestions } from "./state/suggestions.ts";
import { Ui } from "./state/ui.ts";
import type { AnnotationDocument, AnyObject, Bundle, Config, SchemaDocument, Stage as Kind } from "./sync/bundle.ts";
import { Desk } from "./sync/desk.ts";
import { bringUp } from "./actions/asking.ts";
import { Asking } from "./state/asking.ts";
import { Frames } from "./state/frames.ts";
import { Round } from "./state/round.ts";
import { agreedOn } from "./state/sides.ts";
import { identifier } from "../kit/identifier.ts";
import { IndexedStore } from "./sync/indexed.ts";
import { FrameKeeper } from "./sync/frames.ts";
import { Journal } from "./sync/journal.ts";
import { Keeper } from "./sync/keeper.ts";
import { Pictures } from "./sync/pictures.ts";
import { Session } from "./sync/session.ts";
import { taken as takenKeys } from "./actions/keymap.ts";
import { dropOutline } from "./actions/outlining.ts";
import { leaveVertex } from "./actions/vertices.ts";
import { tellRestored } from "./actions/keeping.ts";
import { Picker } from "./tools/pick.ts";
import { drawable, kindOf, toolFor, type ToolName } from "./tools/registry.ts";
import { REACH } from "./tools/tool.ts";
import { TextDesk } from "./text/desk.ts";
import type { Question } from "./text/questions.ts";
import type { Stage } from "./view/stage.ts";
import { Told } from "./sync/told.ts";
import { feedbackWords } from "./words_keeping.ts";

const NOTHING: SchemaDocument = { labels: [] };

/** Where the work starts: the draft, else the answer to judge or mend, else nothing. What a model guessed is suggested. */
export function beginning(bundle: Bundle): AnnotationDocument {
  const found = bundle.draft?.annotation ?? (bundle.answers?.length ? agreedOn(bundle) : bundle.annotation);
  if (found) return { objects: found.objects ?? [], item: found.item ?? {} };
  return { objects: [], item: defaults(bundle.schema.item) };
}

/** Whether a draft says anything else than the answer under review: a fix begun before goes on. */
function differs(draft: AnnotationDocument | undefined, answer: AnnotationDocument): boolean {
  return draft !== undefined && JSON.stringify([draft.objects, draft.item]) !== JSON.stringify([answer.objects, answer.item]);
}

export class Bench {
  readonly store = new DocumentStore();
  readonly suggestions = new Suggestions(this.store);
  readonly ui = new Ui();
  readonly viewport = new Viewport();
  readonly pictures = new Pictures();
  readonly desk: Desk;
  readonly client: Client;
  readonly session: Session;
  readonly journal: Journal;
  readonly keeper: Keeper;
  readonly config: Config;
  readonly say: Words;
  readonly text: TextDesk = new TextDesk(this);
  stage: Stage | null = null;
  /** Keys of the actions, which no label may have. */
  get taken(): ReadonlySet<string> {
    return takenKeys.value;
  }
  readonly round: Round = new Round(() => this.store.document.value);
  readonly frames = new Frames(this.store);
  readonly framing: FrameKeeper;
  /** The track that stays chosen from frame to frame. */
  follow: string | null = null;
  readonly asking = new Asking();
  private readonly picker = new Picker();

  constructor(config: Config, say: Words, client = new Client(config.urls.api, config.csrf)) {
    this.config = config;
    this.say = say;
    const told = new Told(() => this.desk.mine(), (feedback) => this.tell(feedback.errors.length ? "told_some" : "told_right", feedback.errors.length ? "warn" : "good", feedbackWords(this.say, feedback)));
    this.desk = new Desk(client, config.queue.id, {
      arrived: (bundle) => this.arrived(bundle),
      ahead: (bundle) => void (bundle.media && this.pictures.get(bundle.media.display).catch(() => undefined)),
      sending: () => this.keeper.sending(),
      saved: (document) => {
        this.store.saved.value = document;
        this.keeper.saved();
      },
      overtaken: (theirs) => this.keeper.overtaken(theirs),
      answered: (bundle) => {
        this.keeper.answered(bundle);
        if (config.tells) told.after(bundle.item.id);
      },
      passed: () => (this.ui.said.value = null), // before the next task: what is sent is not brought back
      ended: () => this.keeper.ended(),
      unheld: () => this.tell("unheld", "warn"),
      refused: (problem) => this.refused(problem),
      judged: (review, verdict, item) => (this.round.judged.value = { review, item, verdict: verdict.verdict, comments: this.ui.comments.peek() }),
    });
    this.client = client;
    this.session = new Session(client, config.person.id, () => this.signedInAgain());
    this.framing = new FrameKeeper({
      client, store: this.store, frames: this.frames,
      refused: (why) => this.tell(why ? "frames_refused" : "frames_unreached", "warn", { why }),
    });
    this.journal = new Journal(new IndexedStore(), config.person.id, identifier());
    this.keeper = new Keeper({ store: this.store, ui: this.ui, desk: this.desk, journal: this.journal, restored: (what) => tellRestored(this, what) });
    effect(() => {
      const document = this.store.document.value;
      if (this.store.dirty.value) this.desk.draft.value?.changed(document);
    });
    effect(() => this.judge());
    effect(() => {
      // What keys and clicks work on within an object ends with its being chosen.
      const id = this.store.selected.value;
      if (this.ui.vertex.peek()?.id !== id) leaveVertex(this);
      if (this.ui.refining.peek() !== id) this.ui.refining.value = null;
    });
  }

  get kind(): Kind {
    return this.config.queue.stage;
  }

  get schema(): SchemaDocument {
    return this.desk.bundle.value?.schema ?? NOTHING;
  }

  get labelKeys(): Map<string, string> {
    return this.hasPicture ? labelKeys(this.schema, this.taken) : this.text.keys;
  }

  /** The question about the item that digits answer: always where nothing is to be drawn or marked, else when it was turned to. */
  get choice(): Question | null {
    return this.text.questions.now;
  }

  get working(): boolean {
    return this.desk.phase.value.name === "working";
  }

  tell(key: string, tone: "info" | "good" | "warn" | "bad" = "info", values?: Record<string, string | number>): void {
    this.ui.message.value = { text: this.say(key, values), tone };
  }

  choose(id: string | null): void {
    this.ui.fresh.value = null;
    this.store.select(id);
  }

  /** The selected object when it may be changed. */
  editable(): AnyObject | null {
    const object = this.store.current.value;
    if (!object || this.store.frozen.value || !this.working) return null;
    return this.store.locked.value.has(object.id) || this.store.hidden.value.has(object.id) ? null : object;
  }

  /** All that is chosen and may be changed. */
  editables(): AnyObject[] {
    if (this.store.frozen.value || !this.working) return [];
    const [hidden, locked] = [this.store.hidden.value, this.store.locked.value];
    return this.store.selection.value.filter(({ id }) => !hidden.has(id) && !locked.has(id));
  }

  /** Puts a tool in the hand; it is the one that its kind is drawn with from now on. */
  take(tool: ToolName): void {
    const kind = kindOf(tool);
    if (kind) this.ui.used.set(kind, tool);
    this.ui.tool.value = tool;
  }

  /** Another label to draw with, and with it the tool that can. */
  takeLabel(name: string): void {
    this.ui.label.value = name;
    const label = labelOf(this.schema, name);
    const tool = label && toolFor(label, this.ui.tool.peek(), this.ui.used);
    if (tool && !this.store.frozen.peek() && this.hasPicture) this.take(tool);
  }

  /** Objects in sight that may lie within the rectangle of picture space. */
  near(rect: Rect): AnyObject[] {
    const hidden = this.store.hidden.peek();
    return this.picker.near(this.store.document.peek().objects, rect).filter(({ id }) => !hidden.has(id));
  }

  under(at: Point): AnyObject[] {
    const [hidden, locked] = [this.store.hidden.peek(), this.store.locked.peek()];
    const slack = REACH / this.viewport.scale;
    return this.picker.under(this.store.document.peek().objects, at, slack, (id) => hidden.has(id) || locked.has(id));
  }

  /** Stores an object whose place or label a person changed. Where it came from stays known. */
  reshape(object: AnyObject, kind: string | null = null): void {
    if (object === this.store.byId.peek().get(object.id)) return; // a shape that cannot do it gives itself back
    this.reshapeAll([object], kind);
  }

  /** Several at once, as one step back. */
  reshapeAll(objects: readonly AnyObject[], kind: string | null = null): void {
    const known = this.store.byId.peek();
    this.store.putAll(objects.filter((object) => object !== known.get(object.id)), kind);
  }

  get hasPicture(): boolean {
    return this.desk.bundle.value?.media != null;
  }

  get hasText(): boolean {
    const bundle = this.desk.bundle.value;
    return bundle != null && bundle.media == null && typeof bundle.item.text === "string";
  }

  /** The answer, unless something required is missing: then it is shown and nothing is sent. */
  submit(): void {
    if (!this.working || !this.complete()) return;
    if (!this.frames.any.peek()) return void this.desk.submit(this.store.document.peek());
    void this.framing.flush().then(() => (this.working ? this.desk.submit(this.store.document.peek()) : undefined));
  }

  /** Escape: the innermost thing that is open or held is let go of. */
  letGo(): void {
    const { ui } = this;
    if (this.frames.sending.peek()) this.frames.sending.value = null;
    else if (ui.help.peek()) ui.help.value = false;
    else if (ui.form.peek()) ui.form.value = null;
    else if (this.asking.open.peek()) this.asking.open.value = false;
    else if (this.stage?.tool?.cancel()) this.stage.touch();
    else if (ui.vertex.peek()) leaveVertex(this);
    else if (dropOutline(this)) return;
    else if (this.text.letGo()) return;
    else if (this.store.selected.peek()) this.choose(null);
    else if (ui.tool.peek() !== "select") ui.tool.value = "select";
    else ui.message.value = null;
  }

  async leave(): Promise<void> {
    await this.framing.flush();
    await this.desk.leave();
    location.assign(this.config.urls.home);
  }

  /** Whether all that is required is there; if not, what lacks is shown, and asked for until it is. */
  complete(): boolean {
    const count = missing(this.schema, this.store.document.peek()).length;
    this.ui.asked.value = true;
    if (!count) return true;
    this.lead();
    this.tell(count > 1 ? "lacks" : "lacks_one", "bad", { n: count });
    return false;
  }

  /** To the first object that something is wrong with, else to the question about the item. */
  private lead(): void {
    const { objects } = this.ui.faults.peek();
    const [asked] = this.ui.faults.peek().item.keys();
    if (!objects.size && asked) return this.text.questions.hold(asked);
    if (!objects.has(this.store.selected.peek() ?? "")) this.choose(objects.keys().next().value ?? this.store.selected.peek());
  }

  /** What is wrong follows the document: mended is gone at once. */
  private judge(): void {
    const { asked, refused, faults, message } = this.ui;
    const document = this.store.document.value;
    let found = refused.value ? standing(refused.value.fields, refused.value.document, document) : NO_FAULTS;
    if (asked.value) {
      const lacks = Object.fromEntries(missing(this.schema, document).map((path) => [path, this.say("required")]));
      found = joined(found, sortFaults(lacks, document));
    }
    const [none, before] = [!found.objects.size && !found.item.size, faults.peek()];
    if (none && (before.objects.size || before.item.size) && message.peek()?.tone === "bad") message.value = null;
    faults.value = none && !found.other.length ? NO_FAULTS : found;
  }

  private refused(problem: Problem): void {
    this.ui.refused.value = { fields: problem.fields, document: this.store.document.peek() };
    this.lead();
    const text = problem.code === "offline" ? this.say("offline_long") : [problem.detail, ...this.ui.faults.peek().other].join(" · ");
    this.ui.message.value = { text, tone: "bad" };
  }

  private signedInAgain(): void {
    this.tell("signed_in_again", "good");
    if (this.desk.phase.peek().name === "failed") void this.desk.start();
    void this.desk.draft.peek()?.flush();
  }

  private arrived(bundle: Bundle): void {
    this.keeper.close();
    this.framing.close();
    this.ui.reset();
    this.ui.message.value = null;
    this.round.arrived(bundle);
    bringUp(this);
    const reviewing = bundle.task.stage === "review";
    this.store.frozen.value = false;
    this.store.load(beginning(bundle));
    const beside = this.framing.arrived(bundle);
    this.suggestions.arrived(bundle);
    if (reviewing && bundle.annotation) this.ui.fixing.value = differs(bundle.draft?.annotation, bundle.annotation);
    this.store.frozen.value = reviewing && !this.ui.fixing.peek();
    const labels = bundle.schema.labels.filter(drawable);
    if (!labels.some(({ name }) => name === this.ui.label.peek())) this.ui.label.value = labels[0]?.name ?? "";
    if (this.store.frozen.peek() || !bundle.media || !labels.length) this.ui.tool.value = "select";
    else if (!bundle.returned) this.takeLabel(this.ui.label.peek());
    if (bundle.media) {
      const size = { w: bundle.media.width || 1, h: bundle.media.height || 1 };
      this.picker.resize(size);
      const { picture } = this.viewport;
      if (!beside || picture.w !== size.w || picture.h !== size.h) this.viewport.show(size); // from frame to frame the view stays
    }
    this.text.arrived(bundle);
    this.stage?.arrived(bundle);
    this.keeper.opened(bundle, beginning(bundle));
    const followed = this.follow && this.store.document.peek().objects.find(({ track }) => track === this.follow);
    this.follow = null;
    if (followed) this.choose(followed.id);
  }
}
