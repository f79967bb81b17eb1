/** The stage: picture, objects and what is under the hand, as three layers that are drawn again each for its own reasons. */
import { effect } from "@preact/signals";
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { centre, meets, type Point, type Rect } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import { colourOf, inkOn, labelOf } from "../state/schema.ts";
import type { AnyObject, Bundle } from "../sync/bundle.ts";
import type { Tool } from "../tools/tool.ts";
import { Layer } from "./layer.ts";
import { onScreen, paintCross, paintHandles, paintObject, paintPin, type Look } from "./paint.ts";

const CRISP = 4; // from this many screen pixels per picture pixel on, pixels are shown as squares

export class Stage {
  readonly host: HTMLElement;
  tool: Tool | null = null;
  private readonly bench: Bench;
  private readonly layers: { picture: Layer; shapes: Layer; active: Layer };
  private image: HTMLImageElement | null = null;
  /** The original was asked for: the display size was no longer sharp. */
  private full = false;
  private readonly stops: (() => void)[] = [];

  constructor(host: HTMLElement, bench: Bench) {
    this.host = host;
    this.bench = bench;
    this.layers = {
      picture: new Layer(host, (context) => this.paintPicture(context)),
      shapes: new Layer(host, (context) => this.paintShapes(context)),
      active: new Layer(host, (context) => this.paintActive(context)),
    };
    const { store, ui, viewport } = bench;
    const { picture, shapes, active } = this.layers;
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(host);
    this.stops.push(
      () => observer.disconnect(),
      viewport.watch(() => {
        picture.touch();
        shapes.touch();
        active.touch();
        this.sharpen();
      }),
      effect(() => {
        void [store.document.value, store.selected.value, store.hidden.value, ui.faults.value, ui.names.value];
        shapes.touch();
        active.touch();
      }),
      effect(() => {
        void [ui.preview.value, ui.hovered.value, ui.pointer.value, ui.tool.value, ui.comments.value, store.frozen.value, store.locked.value];
        active.touch();
      }),
    );
    this.measure();
  }

  close(): void {
    for (const stop of this.stops) stop();
    for (const layer of Object.values(this.layers)) layer.close();
  }

  touch(): void {
    this.layers.active.touch();
  }

  /** Another task: its picture is drawn as soon as it is there, which it is when it was fetched ahead. */
  arrived(bundle: Bundle): void {
    this.image = null;
    this.full = false;
    this.layers.picture.touch();
    this.bench.ui.picture.value = "loading";
    if (bundle.media) void this.load(bundle.media.display, bundle.item.id);
  }

  retry(): void {
    const bundle = this.bench.desk.bundle.peek();
    if (bundle) this.arrived(bundle);
  }

  paintRect(context: CanvasRenderingContext2D, rect: Rect): void {
    const colour = colourOf(this.bench.schema, this.bench.ui.label.peek());
    const { x, y, w, h } = onScreen(rect, this.bench.viewport.toScreen);
    context.fillStyle = colour;
    context.globalAlpha = 0.14;
    context.fillRect(x, y, w, h);
    context.globalAlpha = 1;
    context.lineWidth = 4;
    context.strokeStyle = "rgb(0 0 0 / .55)";
    context.strokeRect(x, y, w, h);
    context.lineWidth = 2;
    context.strokeStyle = colour;
    context.strokeRect(x, y, w, h);
    const text = `${Math.round(rect.w)} × ${Math.round(rect.h)}`;
    context.font = "12px system-ui, sans-serif";
    const wide = context.measureText(text).width + 10;
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(x + w - wide + 1, y + h + 4, wide, 17, 3);
    context.fill();
    context.fillStyle = inkOn(colour);
    context.textBaseline = "middle";
    context.fillText(text, x + w - wide + 6, y + h + 13);
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
    void this.load(bundle.media.url, bundle.item.id);
  }

  private paintPicture(context: CanvasRenderingContext2D): void {
    if (!this.image) return;
    const { x, y, scale, picture } = this.bench.viewport;
    context.imageSmoothingEnabled = scale < CRISP;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.image, x, y, picture.w * scale, picture.h * scale);
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
      guess: object.source === "prediction",
      tagged: strong || ui.names.peek(),
    };
  }

  private paintShapes(context: CanvasRenderingContext2D): void {
    const { store, viewport } = this.bench;
    const [selected, hidden, visible] = [store.selected.peek(), store.hidden.peek(), viewport.visible];
    for (const object of store.document.peek().objects) {
      if (object.id === selected || hidden.has(object.id)) continue;
      const bounds = shapeOf(object)?.bounds(object);
      if (bounds && meets(bounds, visible)) paintObject(context, object, this.look(object, false), viewport.toScreen);
    }
  }

  private paintActive(context: CanvasRenderingContext2D): void {
    const { store, ui, viewport } = this.bench;
    const object = ui.preview.peek() ?? store.current.peek();
    const hovered = ui.hovered.peek();
    const over = hovered && hovered !== object?.id ? store.byId.peek().get(hovered) : null;
    if (over && !store.hidden.peek().has(over.id)) paintObject(context, over, this.look(over, true), viewport.toScreen);
    if (object && !store.hidden.peek().has(object.id)) {
      const look = this.look(object, true);
      paintObject(context, object, look, viewport.toScreen);
      if (this.bench.editable()) paintHandles(context, object, look.colour, viewport.toScreen);
    }
    this.paintPins(context);
    const at = ui.pointer.peek();
    if (at && ui.tool.peek() === "box" && !ui.preview.peek()) paintCross(context, viewport.toScreen(at), viewport.stage);
    this.tool?.paint?.(context);
  }

  private paintPins(context: CanvasRenderingContext2D): void {
    const comments = this.bench.desk.bundle.peek()?.comments ?? [];
    comments.forEach((comment, index) => {
      const place = this.bench.placeOf(comment.at, comment.object);
      if (place) paintPin(context, this.bench.viewport.toScreen(place), index + 1);
    });
    this.bench.ui.comments.peek().forEach((comment, index) => {
      const place = this.bench.placeOf(null, comment.object);
      if (place) paintPin(context, this.bench.viewport.toScreen(place), comments.length + index + 1);
    });
  }
}

/** The upper right corner of an object, where its pin sits clear of its name. */
export function pinPlace(object: AnyObject): Point | null {
  const bounds = shapeOf(object)?.bounds(object);
  return bounds ? { x: bounds.x + bounds.w, y: centre(bounds).y } : null;
}
