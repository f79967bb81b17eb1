/** The stage: picture, objects and what is under the hand, as three layers that are drawn again each for its own reasons. */
import { effect } from "@preact/signals";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { grown, meets, type Point, type Rect, type Size } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { Patch } from "../assist/colours.ts";
import type { AnyObject, Bundle } from "../sync/bundle.ts";
import type { Tool } from "../tools/tool.ts";
import { Layer } from "./layer.ts";
import { bitmapOf } from "./sharp.ts";
import { sketchDots, sketchFrame, sketchHint, sketchPath } from "./sketch.ts";
import { frameOf } from "../shapes/group.ts";
import { filterOf } from "../state/view.ts";
import { handlesOf } from "../tools/handles.ts";
import { kindOf } from "../tools/registry.ts";
import { onScreen, paintCross, paintDrawn, paintFault, paintHandles, paintObject, paintOutlines, paintPin, paintTag, type Look } from "./paint.ts";

/** With more objects in sight than this, names are shown only for the chosen one: nobody could read them. */
const NAMED = 300;
/** With more than this many in sight, the drawn shapes are carried along while the picture moves. */
const DEAR = 250;
/** Tools that draw, though not one kind of object, and so take the lines through the pointer. */
const CROSSED = new Set(["hole", "split", "outline"]);
const CRISP = 4; // from this many screen pixels per picture pixel on, pixels are shown as squares

export class Stage {
  readonly host: HTMLElement;
  tool: Tool | null = null;
  private readonly bench: Bench;
  private readonly layers: { picture: Layer; shapes: Layer; active: Layer };
  private image: HTMLImageElement | null = null;
  /** The original, decoded, when it is large. */
  private bitmap: ImageBitmap | null = null;
  private counted = 0;
  private moving = 0;
  /** The original was asked for: the display size was no longer sharp. */
  private full = false;
  private readonly stops: (() => void)[] = [];

  constructor(host: HTMLElement, bench: Bench) {
    this.host = host;
    this.bench = bench;
    this.layers = {
      picture: new Layer(host, (context) => this.paintPicture(context)),
      shapes: new Layer(host, (context) => this.paintShapes(context), () => bench.viewport),
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
        this.moves();
        picture.touch();
        if (this.counted > DEAR) shapes.ride();
        else shapes.touch();
        active.touch();
        this.sharpen();
      }),
      effect(() => {
        void [store.document.value, store.selected.value, store.others.value, store.hidden.value, ui.faults.value, ui.names.value, suggestions.open.value, suggestions.current.value];
        shapes.touch();
        active.touch();
      }),
      effect(() => {
        void [ui.preview.value, ui.previews.value, ui.hint.value, ui.cross.value, ui.sketched.value, ui.hovered.value, ui.pointer.value, ui.tool.value, ui.comments.value, store.frozen.value, store.locked.value];
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
    clearTimeout(this.moving);
    this.bitmap?.close();
    for (const stop of this.stops) stop();
    for (const layer of Object.values(this.layers)) layer.close();
  }

  touch(): void {
    this.layers.active.touch();
  }

  /** Another task: its picture is drawn as soon as it is there, which it is when it was fetched ahead. */
  arrived(bundle: Bundle): void {
    this.image = null;
    this.bitmap?.close();
    this.bitmap = null;
    this.full = false;
    this.layers.picture.touch();
    this.bench.ui.picture.value = "loading";
    if (bundle.media) void this.load(bundle.media.display, bundle.item.id);
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

  /** While the picture moves it is drawn quickly, and well when it rests. */
  private moves(): void {
    clearTimeout(this.moving);
    this.moving = window.setTimeout(() => {
      this.moving = 0;
      this.layers.picture.touch();
    }, 150);
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

  private async load(url: string, item: number): Promise<void> {
    const here = (): boolean => this.bench.desk.bundle.peek()?.item.id === item;
    try {
      const image = await this.bench.pictures.get(url);
      if (!here()) return;
      this.image = image;
      this.bench.ui.picture.value = "shown";
      this.layers.picture.touch();
      this.sharpen();
    } catch {
      if (here() && !this.image) this.bench.ui.picture.value = "failed";
    }
  }

  private sharpen(): void {
    const bundle = this.bench.desk.bundle.peek();
    if (this.full || !this.image || !bundle?.media) return;
    const wanted = bundle.media.width * this.bench.viewport.scale * (devicePixelRatio || 1);
    if (this.image.naturalWidth >= bundle.media.width || wanted < this.image.naturalWidth * 1.25) return;
    this.full = true;
    void this.loadOriginal(bundle.media, bundle.item.id);
  }

  private async loadOriginal(media: NonNullable<Bundle["media"]>, item: number): Promise<void> {
    const bitmap = await bitmapOf(media.url, media);
    if (!bitmap) return this.load(media.url, item);
    if (this.bench.desk.bundle.peek()?.item.id !== item || this.bitmap) return bitmap.close();
    this.bitmap = bitmap;
    this.layers.picture.touch();
  }

  private paintPicture(context: CanvasRenderingContext2D): void {
    if (!this.image) return;
    const { x, y, scale, picture, visible } = this.bench.viewport;
    context.imageSmoothingEnabled = scale < CRISP;
    context.imageSmoothingQuality = this.moving ? "low" : "high";
    context.filter = filterOf(this.bench.ui.view.peek());
    // Zoomed out, the display rendition is sharp enough and far quicker to draw than the original.
    const sharp = this.bitmap && picture.w * scale * (devicePixelRatio || 1) > this.image.naturalWidth;
    const from = sharp ? this.bitmap! : this.image;
    const [wide, high] = sharp ? [this.bitmap!.width, this.bitmap!.height] : [this.image.naturalWidth, this.image.naturalHeight];
    const [kx, ky] = [wide / picture.w, high / picture.h];
    // Only the part in sight, by whole pixels of what is drawn from, so that the rest costs nothing.
    const left = Math.min(Math.max(Math.floor(visible.x * kx) - 1, 0), wide);
    const top = Math.min(Math.max(Math.floor(visible.y * ky) - 1, 0), high);
    const w = Math.min(Math.ceil((visible.x + visible.w) * kx) + 1, wide) - left;
    const h = Math.min(Math.ceil((visible.y + visible.h) * ky) + 1, high) - top;
    if (w > 0 && h > 0) context.drawImage(from, left, top, w, h, x + (left / kx) * scale, y + (top / ky) * scale, (w / kx) * scale, (h / ky) * scale);
    context.filter = "none";
  }

  /** The picture's own pixels within a rectangle of it, in the size asked for; null until it is there. */
  sample(rect: Rect, { w, h }: Size): Patch | null {
    const from = this.bitmap ?? this.image;
    if (!from) return null;
    const { picture } = this.bench.viewport;
    const [wide, high] = from instanceof HTMLImageElement ? [from.naturalWidth, from.naturalHeight] : [from.width, from.height];
    const [kx, ky] = [wide / picture.w, high / picture.h];
    const canvas = document.createElement("canvas");
    canvas.width = w;
    canvas.height = h;
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.imageSmoothingQuality = "high";
    context.drawImage(from, rect.x * kx, rect.y * ky, rect.w * kx, rect.h * ky, 0, 0, w, h);
    return { w, h, data: context.getImageData(0, 0, w, h).data };
  }

  private look(object: AnyObject, strong: boolean): Look {
    const { schema, ui, config } = this.bench;
    const label = labelOf(schema, object.label);
    const score = object.source === "prediction" && object.score !== undefined ? ` ${Math.round(object.score * 100)} %` : "";
    return {
      colour: colourOf(schema, object.label),
      name: (label ? titled(label, config.language) : object.label) + score,
      strong,
      faulty: ui.faults.peek().objects.has(object.id),
      guess: this.bench.suggestions.byId.peek().has(object.id),
      tagged: strong || ui.names.peek(),
      edges: label?.skeleton?.edges,
    };
  }

  private paintShapes(context: CanvasRenderingContext2D): void {
    const { store, viewport } = this.bench;
    const [chosen, hidden, visible] = [new Set(store.selection.peek().map(({ id }) => id)), store.hidden.peek(), viewport.visible];
    const groups = new Map<string, { look: Look; objects: AnyObject[] }>();
    let count = 0;
    for (const object of store.document.peek().objects) {
      if (chosen.has(object.id) || hidden.has(object.id)) continue;
      const bounds = shapeOf(object)?.bounds(object);
      if (!bounds || !meets(bounds, visible)) continue;
      const key = `${object.label} ${object.kind}`;
      const group = groups.get(key);
      if (group) group.objects.push(object);
      else groups.set(key, { look: this.look(object, false), objects: [object] });
      count++;
    }
    this.counted = count;
    for (const object of this.bench.suggestions.open.peek()) {
      const bounds = shapeOf(object)?.bounds(object);
      if (!bounds || !meets(bounds, visible)) continue;
      const look = this.look(object, false);
      paintOutlines(context, [object], look, viewport.toScreen);
      if (count++ <= NAMED) paintTag(context, object, look, viewport.toScreen);
    }
    for (const { look, objects } of groups.values()) paintOutlines(context, objects, look, viewport.toScreen);
    const faulty = this.bench.ui.faults.peek().objects;
    for (const { objects } of groups.values()) {
      for (const object of objects) {
        if (faulty.has(object.id)) paintFault(context, object, this.look(object, false), viewport.toScreen);
        if (count <= NAMED) paintTag(context, object, this.look(object, false), viewport.toScreen);
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
      if (place) paintPin(context, this.bench.viewport.toScreen(place), index + 1);
    });
    this.bench.ui.comments.peek().forEach((comment, index) => {
      const place = this.placeOf(null, comment.object);
      if (place) paintPin(context, this.bench.viewport.toScreen(place), comments.length + index + 1);
    });
  }
}
