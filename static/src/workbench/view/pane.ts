/** One answer on the picture, beside the stage and moving with it: what is pointed at there is taken. */
import { effect } from "@preact/signals";
import type { Bench } from "../bench.ts";
import { takeAt } from "../actions/deciding.ts";
import { meets, type Point, type Size } from "../geometry/plane.ts";
import { MARGIN } from "../geometry/viewport.ts";
import { shapeOf } from "../shapes/shape.ts";
import { placed } from "../state/sides.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { REACH } from "../tools/tool.ts";
import { badge, colourOfSide, dashOfSide, frame } from "./changed.ts";
import { Layer } from "./layer.ts";
import { onScreen, paintObject } from "./paint.ts";
import type { Lying } from "./picture.ts";

/** What all agree on fades. */
const FADED = 0.35;
const EDGE = 8;
const STILL = 4; // pixels that a press may wander and be a click

export class Pane {
  private readonly bench: Bench;
  private readonly side: number;
  private readonly layer: Layer;
  private readonly host: HTMLElement;
  private readonly stop = new AbortController();
  private readonly stops: (() => void)[] = [];
  private size: Size = { w: 1, h: 1 };

  constructor(host: HTMLElement, bench: Bench, side: number) {
    this.host = host;
    this.bench = bench;
    this.side = side;
    this.layer = new Layer(host, (context) => this.paint(context));
    const { touch } = this.layer;
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(host);
    bench.stage?.panes.add(touch);
    this.stops.push(
      () => observer.disconnect(),
      () => bench.stage?.panes.delete(touch),
      bench.viewport.watch(touch),
      effect(() => {
        void [bench.round.sides.value, bench.round.at.value, bench.round.standing.value, bench.ui.names.value, bench.ui.view.value, bench.ui.picture.value];
        touch();
      }),
    );
    this.listen();
    this.measure();
  }

  close(): void {
    this.stop.abort();
    for (const stop of this.stops) stop();
    this.layer.close();
  }

  private measure(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    this.size = { w, h };
    this.layer.resize(this.size);
  }

  /** The same middle as the stage has. */
  private get lie(): Lying {
    const { viewport } = this.bench;
    const scale = viewport.scale * this.ratio;
    const middle = viewport.toPicture({ x: viewport.stage.w / 2, y: viewport.stage.h / 2 });
    const [x, y] = [this.size.w / 2 - middle.x * scale, this.size.h / 2 - middle.y * scale];
    return { x, y, scale, visible: { x: -x / scale, y: -y / scale, w: this.size.w / scale, h: this.size.h / scale } };
  }

  /** As near as the stage is, each measured by what fits it: where all of the picture is seen there, it is seen here. */
  private get ratio(): number {
    const { stage, picture } = this.bench.viewport;
    const fits = ({ w, h }: Size, margin: number): number => Math.max(Math.min((w - 2 * margin) / picture.w, (h - 2 * margin) / picture.h), 1e-3);
    return fits(this.size, EDGE) / fits(stage, MARGIN);
  }

  private get objects(): readonly AnyObject[] {
    return this.bench.desk.bundle.peek()?.answers?.[this.side]?.annotation.objects ?? [];
  }

  private paint(context: CanvasRenderingContext2D): void {
    const { bench, side } = this;
    const { stage, round, ui } = bench;
    if (!stage) return;
    const lie = this.lie;
    stage.paintPicture(context, lie);
    const toScreen = ({ x, y }: Point): Point => ({ x: x * lie.scale + lie.x, y: y * lie.scale + lie.y });
    const sides = round.sides.peek();
    const [at, standing] = [round.at.peek(), round.standing.peek()];
    for (const object of this.objects) {
      const bounds = shapeOf(object)?.bounds(object);
      if (!bounds || !meets(bounds, lie.visible)) continue;
      const place = placed(sides, object.id);
      context.globalAlpha = place ? 1 : FADED;
      const look = stage.look(object, place?.at === at);
      paintObject(context, object, { ...look, tagged: place !== null && (look.strong || ui.names.peek()), ...(place ? { dash: dashOfSide(side) } : {}) }, toScreen);
      context.globalAlpha = 1;
      if (!place || standing[place.at] !== side) continue;
      const { x, y, w, h } = onScreen(bounds, toScreen);
      badge(context, x + w, y + h, "✓", colourOfSide(side));
    }
    const here = sides.disputes[at];
    if (!here) return;
    // Where others have something: what this side lacks is seen as well.
    if (!here.has[side]?.length) here.has.forEach((objects, other) => objects.forEach((object) => frame(context, object, colourOfSide(other), toScreen)));
    else for (const object of here.has[side]) frame(context, object, colourOfSide(side), toScreen);
  }

  private listen(): void {
    const { host, bench } = this;
    const options = { signal: this.stop.signal };
    let press: { x: number; y: number; moved: boolean } | null = null;
    const inside = (event: MouseEvent): Point => {
      const box = host.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    host.addEventListener("pointerdown", (event) => {
      if ((event.target as Element).closest("button")) return;
      host.setPointerCapture(event.pointerId);
      press = { ...inside(event), moved: event.button !== 0 };
      event.preventDefault();
    }, options);
    host.addEventListener("pointermove", (event) => {
      const at = inside(event);
      if (!press) return void (host.style.cursor = this.under(at) ? "pointer" : "grab");
      if (!press.moved && Math.hypot(at.x - press.x, at.y - press.y) < STILL) return;
      bench.viewport.pan((at.x - press.x) / this.ratio, (at.y - press.y) / this.ratio);
      press = { ...at, moved: true };
    }, options);
    host.addEventListener("pointerup", (event) => {
      const object = press && !press.moved && bench.working ? this.under(inside(event)) : undefined;
      press = null;
      if (object) takeAt(bench, object, event.shiftKey);
    }, options);
    host.addEventListener("pointercancel", () => void (press = null), options);
    host.addEventListener("wheel", (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const [at, lie] = [inside(event), this.lie];
      const about = bench.viewport.toScreen({ x: (at.x - lie.x) / lie.scale, y: (at.y - lie.y) / lie.scale });
      bench.viewport.zoomBy(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0015)), about);
    }, { ...options, passive: false });
  }

  /** The smallest object in dispute there. */
  private under(at: Point): AnyObject | undefined {
    const lie = this.lie;
    const point = { x: (at.x - lie.x) / lie.scale, y: (at.y - lie.y) / lie.scale };
    const sides = this.bench.round.sides.peek();
    const area = (object: AnyObject): number => {
      const { w, h } = shapeOf(object)!.bounds(object);
      return w * h;
    };
    return this.objects.filter((object) => shapeOf(object)?.hit(object, point, REACH / lie.scale) && placed(sides, object.id)).sort((a, b) => area(a) - area(b))[0];
  }
}
