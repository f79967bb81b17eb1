/** The workbench without its looks: stores, desk and viewport wired together, and the acts that need several of them. */
import { effect } from "@preact/signals";
import { Client } from "../kit/client.ts";
import { identifier } from "../kit/identifier.ts";
import type { Problem } from "../kit/problem.ts";
import type { Words } from "../kit/words.ts";
import { centre, rounded, type Point, type Rect } from "./geometry/plane.ts";
import { Viewport } from "./geometry/viewport.ts";
import { shapeOf } from "./shapes/shape.ts";
import { DocumentStore } from "./state/document.ts";
import { NO_FAULTS, sortFaults } from "./state/faults.ts";
import { defaults, labelKeys, labelOf, labelsFor, missing, relabelled } from "./state/schema.ts";
import { Ui } from "./state/ui.ts";
import type { AnnotationDocument, AnyObject, BoxObject, Bundle, Config, SchemaDocument, Stage as Kind } from "./sync/bundle.ts";
import { Desk } from "./sync/desk.ts";
import { Pictures } from "./sync/pictures.ts";
import { Picker } from "./tools/pick.ts";
import { REACH } from "./tools/tool.ts";
import { pinPlace, type Stage } from "./view/stage.ts";

const NOTHING: SchemaDocument = { labels: [] };

/** Where the work starts: the draft, else the answer to judge or mend, else what a model guessed, else nothing. */
export function beginning(bundle: Bundle): AnnotationDocument {
  const guess = bundle.prediction;
  const found =
    bundle.draft?.annotation ??
    bundle.annotation ??
    (guess && {
      item: guess.item,
      objects: guess.objects.map((object): AnyObject => ({ source: "prediction", model: guess.model, ...object })),
    });
  if (found) return { objects: found.objects ?? [], item: found.item ?? {} };
  return { objects: [], item: defaults(bundle.schema.document.item) };
}

export class Bench {
  readonly store = new DocumentStore();
  readonly ui = new Ui();
  readonly viewport = new Viewport();
  readonly pictures = new Pictures();
  readonly desk: Desk;
  readonly config: Config;
  readonly say: Words;
  stage: Stage | null = null;
  /** Keys of the actions, which no label may have. */
  taken: ReadonlySet<string> = new Set();
  private readonly picker = new Picker();

  constructor(config: Config, say: Words, client = new Client(config.urls.api, config.csrf)) {
    this.config = config;
    this.say = say;
    this.desk = new Desk(client, config.queue.id, {
      arrived: (bundle) => this.arrived(bundle),
      ahead: (bundle) => void (bundle.media && this.pictures.get(bundle.media.display).catch(() => undefined)),
      saved: (document) => (this.store.saved.value = document),
      overtaken: () => this.tell("overtaken", "warn"),
      refused: (problem) => this.refused(problem),
    });
    effect(() => {
      const document = this.store.document.value;
      if (this.store.dirty.value) this.desk.draft.value?.changed(document);
    });
  }

  get kind(): Kind {
    return this.config.queue.stage;
  }

  get schema(): SchemaDocument {
    return this.desk.bundle.value?.schema.document ?? NOTHING;
  }

  get labelKeys(): Map<string, string> {
    return labelKeys(this.schema, this.taken);
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

  under(at: Point): AnyObject[] {
    const [hidden, locked] = [this.store.hidden.peek(), this.store.locked.peek()];
    const slack = REACH / this.viewport.scale;
    return this.picker.under(this.store.document.peek().objects, at, slack, (id) => hidden.has(id) || locked.has(id));
  }

  /** Where a comment is pinned, in picture space. */
  placeOf(at: readonly [number, number] | null, id: string | null): Point | null {
    if (at) return { x: at[0], y: at[1] };
    const object = id ? this.store.byId.peek().get(id) : undefined;
    return object ? pinPlace(object) : null;
  }

  /** Stores an object whose place or label a person changed: from now on it is theirs. */
  reshape(object: AnyObject, kind: string | null = null): void {
    const { source: _s, model: _m, score: _c, ...mine } = object;
    this.store.put(mine as AnyObject, kind);
  }

  addBox(rect: Rect): void {
    const label = labelOf(this.schema, this.ui.label.peek());
    if (!label?.kinds.includes("box")) return this.tell("choose_label", "warn");
    const box: BoxObject = {
      id: identifier(), kind: "box", label: label.name,
      box: [rounded(rect.x), rounded(rect.y), rounded(rect.w), rounded(rect.h)],
    };
    const attributes = defaults(label.attributes);
    if (this.store.put(Object.keys(attributes).length ? { ...box, attributes } : box)) {
      this.store.select(box.id);
      this.ui.fresh.value = box.id;
    }
  }

  /** A box without the mouse: in the middle of what is seen, to be moved and sized by the arrow keys. */
  addBoxInTheMiddle(): void {
    const seen = this.viewport.visible;
    const { w, h } = this.viewport.picture;
    const middle = { x: Math.min(Math.max(centre(seen).x, 0), w), y: Math.min(Math.max(centre(seen).y, 0), h) };
    const size = { w: Math.min(seen.w, w) / 5, h: Math.min(seen.h, h) / 5 };
    const x = Math.min(Math.max(middle.x - size.w / 2, 0), w - size.w);
    const y = Math.min(Math.max(middle.y - size.h / 2, 0), h - size.h);
    this.addBox({ x, y, ...size });
  }

  /** A label's key or button: the selected object gets it, unless it was only just drawn; else it is for the next box. */
  pickLabel(name: string): void {
    const object = this.editable();
    if (object && object.id !== this.ui.fresh.peek()) {
      if (labelsFor(this.schema, object.kind).some((label) => label.name === name)) this.reshape(relabelled(this.schema, object, name));
      else this.tell("label_not_for", "warn", { label: name });
      return;
    }
    if (!labelOf(this.schema, name)?.kinds.includes("box")) return this.tell("label_not_drawn", "warn", { label: name });
    this.ui.label.value = name;
    if (!this.store.frozen.peek() && this.hasPicture) this.ui.tool.value = "box";
  }

  nudge(dx: number, dy: number): void {
    const object = this.editable();
    if (!object) return this.viewport.pan(-dx * 40, -dy * 40);
    this.reshape(shapeOf(object)?.moved(object, dx, dy, this.viewport.picture) ?? object, `nudge ${object.id}`);
  }

  resize(dw: number, dh: number): void {
    const object = this.editable();
    if (object) this.reshape(shapeOf(object)?.sized(object, dw, dh, this.viewport.picture) ?? object, `size ${object.id}`);
  }

  get hasPicture(): boolean {
    return this.desk.bundle.value?.media != null;
  }

  /** The answer, unless something required is missing: then it is shown and nothing is sent. */
  submit(): void {
    if (!this.working || !this.complete()) return;
    void this.desk.submit(this.store.document.peek());
  }

  verdict(verdict: "accept" | "return" | "fix", reason = ""): void {
    if (!this.working || (verdict === "fix" && !this.complete())) return;
    const comments = this.ui.comments.peek().map(({ object, text }) => (object ? { object, text } : { text }));
    void this.desk.review({
      verdict,
      ...(reason ? { reason } : {}),
      ...(verdict === "fix" ? { annotation: this.store.document.peek() } : {}),
      ...(comments.length ? { comments } : {}),
    });
  }

  fix(on: boolean): void {
    if (!on) {
      const bundle = this.desk.bundle.peek();
      if (bundle?.annotation) this.store.load({ objects: bundle.annotation.objects, item: bundle.annotation.item });
      this.ui.tool.value = "select";
    }
    this.ui.fixing.value = on;
    this.store.frozen.value = !on;
  }

  /** Escape: the innermost thing that is open or held is let go of. */
  letGo(): void {
    const { ui } = this;
    if (ui.help.peek()) ui.help.value = false;
    else if (ui.form.peek()) ui.form.value = null;
    else if (this.stage?.tool?.cancel()) this.stage.touch();
    else if (this.store.selected.peek()) this.choose(null);
    else if (ui.tool.peek() === "box") ui.tool.value = "select";
    else ui.message.value = null;
  }

  stepTo(by: 1 | -1): void {
    this.store.step(by);
    this.ui.fresh.value = null;
    const object = this.store.current.peek();
    const bounds = object && shapeOf(object)?.bounds(object);
    if (bounds) this.viewport.keepInView(bounds);
  }

  zoomToObject(): void {
    const object = this.store.current.peek();
    const bounds = object && shapeOf(object)?.bounds(object);
    if (bounds) this.viewport.zoomOn(bounds);
  }

  async reopenLast(): Promise<void> {
    if (!(await this.desk.reopenLast())) this.tell("nothing_to_reopen", "info");
  }

  async leave(): Promise<void> {
    await this.desk.leave();
    location.assign(this.config.urls.home);
  }

  private complete(): boolean {
    const document = this.store.document.peek();
    const lacks = missing(this.schema, document);
    if (!lacks.length) return true;
    this.show(Object.fromEntries(lacks.map((path) => [path, this.say("required")])));
    this.tell("lacks", "bad", { n: lacks.length });
    return false;
  }

  private show(fields: Record<string, string>): void {
    const faults = sortFaults(fields, this.store.document.peek());
    this.ui.faults.value = faults;
    const first = faults.objects.keys().next().value;
    if (first) this.choose(first);
  }

  private refused(problem: Problem): void {
    this.show(problem.fields);
    const text = problem.code === "offline" ? this.say("offline_long") : [problem.detail, ...this.ui.faults.peek().other].join(" · ");
    this.ui.message.value = { text, tone: "bad" };
  }

  private arrived(bundle: Bundle): void {
    this.ui.reset();
    this.ui.message.value = null;
    this.ui.faults.value = NO_FAULTS;
    const reviewing = bundle.task.stage === "review";
    this.store.frozen.value = false;
    this.store.load(beginning(bundle));
    if (reviewing && bundle.draft && bundle.annotation) this.ui.fixing.value = true; // a fix begun before goes on
    this.store.frozen.value = reviewing && !this.ui.fixing.peek();
    const drawable = labelsFor(bundle.schema.document, "box");
    if (!drawable.some(({ name }) => name === this.ui.label.peek())) this.ui.label.value = drawable[0]?.name ?? "";
    if (this.store.frozen.peek() || !bundle.media || !drawable.length) this.ui.tool.value = "select";
    else if (!bundle.returned) this.ui.tool.value = "box";
    if (bundle.media) {
      const size = { w: bundle.media.width || 1, h: bundle.media.height || 1 };
      this.picker.resize(size);
      this.viewport.show(size);
    }
    this.stage?.arrived(bundle);
  }
}
