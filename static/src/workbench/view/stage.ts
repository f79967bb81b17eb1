/** The stage: picture, objects and what is under the hand, as three layers that are drawn again each for its own reasons. */
import { effect } from "@preact/signals";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { grown, meets, type Point, type Rect, type Size } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { Patch } from "../assist/colours.ts";
import type { AnyObject, Bundle } from "../sync/bundle.ts";
import { paintRound } from "./changed.ts";
import type { Tool } from "../tools/tool.ts";
import { Layer } from "./layer.ts";
import { PictureView, type Lying } from "./picture.ts";
import { vertex } from "../actions/vertices.ts";
import { sketchDots, sketchFrame, sketchHint, sketchPath, sketchRing } from "./sketch.ts";
import { frameOf } from "../shapes/group.ts";
import { handlesOf } from "../tools/handles.ts";
import { kindOf } from "../tools/registry.ts";
import { onScreen, paintCross, paintDrawn, paintFault, paintHandles, paintObject, paintOutlines, paintPin, paintTag, type Look } from "./paint.ts";

/** With more objects in sight than this, names are shown only for the chosen one: nobody could read them. */
const NAMED = 300;
/** With more than this many in sight, the drawn shapes are carried along while the picture moves. */
const DEAR = 250;
/** Tools that draw, though not one kind of object, and so take the lines through the pointer. */
const CROSSED = new Set(["hole", "split", "outline"]);

export class Stage {
  readonly host: HTMLElement;
  tool: Tool | null = null;
  private readonly bench: Bench;
  private readonly layers: { picture: Layer; shapes: Layer; active: Layer };
  private readonly picture: PictureView;
  private counted = 0;
  /** What else shows the picture: called when it is to be drawn again. */
  readonly panes = new Set<() => void>();
  private readonly stops: (() => void)[] = [];

  constructor(host: HTMLElement, bench: Bench) {
    this.host = host;
    this.bench = bench;
    this.picture = new PictureView(bench, () => {
      this.layers.picture.touch();
      for (const pane of this.panes) pane();
    });
    this.layers = {
      picture: new Layer(host, (context) => this.picture.paint(context)),
      shapes: new Layer(host, (context, rough) => this.paintShapes(context, rough), () => bench.viewport),
      active: new Layer(host, (context) => this.paintActive(context)),
    };
    const { store, suggestions, ui, viewport } = bench;
    const { picture, shapes, active } = this.layers;
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(host);
    this.watchRatio();
    this.stops.push(
      () => observer.disconnect(),
      viewport.watch(() => {
        this.picture.moved();
        if (this.counted > DEAR) shapes.ride();
        else shapes.touch();
        active.touch();
      }),
      effect(() => {
        void [store.document.value, store.selected.value, store.others.value, store.hidden.value, ui.faults.value, ui.names.value, bench.round.changes.value, bench.round.shown.value, bench.round.sides.value, bench.round.at.value, bench.round.settled.value, bench.round.place.value, suggestions.open.value, suggestions.current.value];
        shapes.touch();
        active.touch();
      }),
      effect(() => {
        void [ui.preview.value, ui.previews.value, ui.hint.value, ui.cross.value, ui.sketched.value, ui.vertex.value, ui.refining.value, ui.hovered.value, ui.pointer.value, ui.tool.value, ui.comments.value, store.frozen.value, store.locked.value];
        active.touch();
      }),
    );
    this.stops.push(effect(() => {
      void ui.view.value;
      picture.touch();
    }));
    this.measure();
  }

  close(): void {
    this.picture.close();
    for (const stop of this.stops) stop();
    for (const layer of Object.values(this.layers)) layer.close();
  }

  touch(): void {
    this.layers.active.touch();
  }

  arrived(bundle: Bundle): void {
    this.picture.arrived(bundle);
  }

  /** The picture's own pixels within a rectangle of it, in the size asked for; null until it is there. */
  sample(rect: Rect, size: Size): Patch | null {
    return this.picture.sample(rect, size);
  }

  /** The picture, lying elsewhere: beside the stage each answer has one of its own. */
  paintPicture(context: CanvasRenderingContext2D, lie: Lying): void {
    this.picture.paint(context, lie);
  }

  retry(): void {
    const bundle = this.bench.desk.bundle.peek();
    if (bundle) this.arrived(bundle);
  }

  /** The box that is being drawn. */
  paintRect(context: CanvasRenderingContext2D, rect: Rect): void {
    const colour = colourOf(this.bench.schema, this.bench.ui.label.peek());
    paintDrawn(context, onScreen(rect, this.bench.viewport.toScreen), colour, `${Math.round(rect.w)} × ${Math.round(rect.h)}`);
  }

  paintPath(context: CanvasRenderingContext2D, points: readonly Point[], closed: boolean): void {
    sketchPath(context, points.map(this.bench.viewport.toScreen), closed, colourOf(this.bench.schema, this.bench.ui.label.peek()));
  }

  paintDots(context: CanvasRenderingContext2D, points: readonly Point[], open = false): void {
    sketchDots(context, points.map(this.bench.viewport.toScreen), open, colourOf(this.bench.schema, this.bench.ui.label.peek()));
  }

  paintFrame(context: CanvasRenderingContext2D, rect: Rect): void {
    sketchFrame(context, onScreen(rect, this.bench.viewport.toScreen), true);
  }

  /** Another screen, or the browser's own zoom, asks for other pixels though the stage keeps its size. */
  private watchRatio(): void {
    const here = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = (): void => {
      this.measure();
      this.watchRatio();
    };
    here.addEventListener("change", changed, { once: true });
    this.stops.push(() => here.removeEventListener("change", changed));
  }

  private measure(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    for (const layer of Object.values(this.layers)) layer.resize({ w, h });
    this.bench.viewport.resize({ w, h });
  }

  look(object: AnyObject, strong: boolean): Look {
    const { schema, ui, config } = this.bench;
    const label = labelOf(schema, object.label);
    const score = object.source === "prediction" && object.score !== undefined ? ` ${Math.round(object.score * 100)} %` : "";
    return {
      colour: colourOf(schema, object.label),
      name: (label ? titled(label, config.language) : object.label) + score,
      strong,
      faulty: ui.faults.peek().objects.has(object.id),
      guess: object.source === "interpolated" || this.bench.suggestions.byId.peek().has(object.id),
      tagged: strong || ui.names.peek(),
      edges: label?.skeleton?.edges,
    };
  }

  private paintShapes(context: CanvasRenderingContext2D, rough: boolean): void {
    const { store, viewport } = this.bench;
    const [chosen, hidden, visible] = [new Set(store.selection.peek().map(({ id }) => id)), store.hidden.peek(), viewport.visible];
    const groups = new Map<string, { look: Look; objects: AnyObject[] }>();
    const agreed = this.bench.round.agreed.peek();
    let count = 0;
    for (const object of store.document.peek().objects) {
      if (chosen.has(object.id) || hidden.has(object.id)) continue;
      const bounds = shapeOf(object)?.bounds(object);
      if (!bounds || !meets(bounds, visible)) continue;
      const key = `${object.label} ${object.kind} ${agreed.has(object.id)}`;
      const group = groups.get(key);
      if (group) group.objects.push(object);
      else groups.set(key, { look: this.look(object, false), objects: [object] });
      count++;
    }
    this.counted = count;
    // What all answers agree on fades, so that the eye goes to the rest.
    const fade = (object: AnyObject): void => void (context.globalAlpha = agreed.has(object.id) ? 0.35 : 1);
    for (const object of this.bench.suggestions.open.peek()) {
      const bounds = shapeOf(object)?.bounds(object);
      if (!bounds || !meets(bounds, visible)) continue;
      const look = this.look(object, false);
      paintOutlines(context, [object], look, viewport.toScreen);
      if (count++ <= NAMED) paintTag(context, object, look, viewport.toScreen);
    }
    for (const { look, objects } of groups.values()) {
      fade(objects[0]!);
      paintOutlines(context, objects, look, viewport.toScreen, rough);
    }
    context.globalAlpha = 1;
    const faulty = this.bench.ui.faults.peek().objects;
    for (const { objects } of groups.values()) {
      for (const object of objects) {
        if (faulty.has(object.id)) paintFault(context, object, this.look(object, false), viewport.toScreen);
        if (count <= NAMED && !agreed.has(object.id)) paintTag(context, object, this.look(object, false), viewport.toScreen);
      }
    }
  }

  private paintActive(context: CanvasRenderingContext2D): void {
    const { store, ui, viewport } = this.bench;
    const held = new Map([ui.preview.peek(), ...ui.previews.peek()].flatMap((one) => (one ? [[one.id, one] as const] : [])));
    const chosen = store.selection.peek().map((one) => held.get(one.id) ?? one).filter(({ id }) => !store.hidden.peek().has(id));
    const hovered = ui.hovered.peek();
    const over = hovered && !chosen.some(({ id }) => id === hovered) ? store.byId.peek().get(hovered) : null;
    if (over && !store.hidden.peek().has(over.id)) paintObject(context, over, this.look(over, true), viewport.toScreen);
    const guess = this.bench.suggestions.chosen.peek();
    if (guess) paintObject(context, guess, this.look(guess, true), viewport.toScreen);
    const many = chosen.length > 1;
    for (const object of chosen) paintObject(context, object, { ...this.look(object, true), tagged: !many }, viewport.toScreen);
    const frame = frameOf(chosen);
    if (many && frame) sketchFrame(context, onScreen(grown(frame, 6 / viewport.scale), viewport.toScreen), false);
    // Under the hand the handles of where it was would be seen; they come back when it lets go.
    if (frame && !held.size) paintHandles(context, handlesOf(this.bench), frame, many ? "#0080ff" : this.look(chosen[0]!, true).colour, viewport.toScreen);
    const ringed = held.size ? null : vertex(this.bench);
    if (ringed) sketchRing(context, viewport.toScreen(ringed.handle.at));
    paintRound(context, this.bench, viewport.toScreen);
    this.paintPins(context);
    const at = ui.pointer.peek();
    const draws = kindOf(ui.tool.peek()) !== null || CROSSED.has(ui.tool.peek());
    if (at && draws && ui.tool.peek() !== "brush" && ui.cross.peek() && !ui.preview.peek()) paintCross(context, viewport.toScreen(at), viewport.stage);
    this.tool?.paint?.(context);
    const hint = ui.hint.peek();
    if (hint && at) sketchHint(context, viewport.toScreen(at), this.bench.say(hint.covered ? "place_covered" : "place_next", { name: hint.name, n: hint.at, of: hint.of }));
  }

  /** Where a comment is pinned, in picture space. */
  private placeOf(at: readonly [number, number] | null, id: string | null): Point | null {
    if (at) return { x: at[0], y: at[1] };
    const object = id ? this.bench.store.byId.peek().get(id) : undefined;
    const bounds = object && shapeOf(object)?.bounds(object);
    return bounds ? { x: bounds.x + bounds.w, y: bounds.y } : null;
  }

  private paintPins(context: CanvasRenderingContext2D): void {
    const comments = this.bench.desk.bundle.peek()?.comments ?? [];
    comments.forEach((comment, index) => {
      const place = this.placeOf(comment.at, comment.object);
      if (place && !this.bench.round.settled.peek().has(comment.id)) paintPin(context, this.bench.viewport.toScreen(place), index + 1);
    });
    this.bench.ui.comments.peek().forEach((comment, index) => {
      const place = this.placeOf(comment.at ?? null, comment.object);
      if (place) paintPin(context, this.bench.viewport.toScreen(place), comments.length + index + 1);
    });
  }
}
