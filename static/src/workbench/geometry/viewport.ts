/** Where the picture lies on the stage: screen = picture × scale + offset. */
import { clamp, type Point, type Rect, type Size } from "./plane.ts";

export const MARGIN = 24;
const CLOSEST = 64; // screen pixels per picture pixel

export class Viewport {
  scale = 1;
  x = 0;
  y = 0;
  stage: Size = { w: 1, h: 1 };
  picture: Size = { w: 1, h: 1 };
  /** Whether the picture was last fitted, so that a resize of the window fits it again. */
  fitted = true;
  private readonly watchers = new Set<() => void>();

  watch(run: () => void): () => void {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  }

  toScreen = (point: Point): Point => ({ x: point.x * this.scale + this.x, y: point.y * this.scale + this.y });
  toPicture = (point: Point): Point => ({ x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale });

  /** The part of picture space that the stage shows. */
  get visible(): Rect {
    const { x, y } = this.toPicture({ x: 0, y: 0 });
    return { x, y, w: this.stage.w / this.scale, h: this.stage.h / this.scale };
  }

  resize(stage: Size): void {
    const before = this.stage;
    this.stage = stage;
    if (this.fitted) return this.fit();
    this.x += (stage.w - before.w) / 2;
    this.y += (stage.h - before.h) / 2;
    this.moved();
  }

  show(picture: Size): void {
    this.picture = picture;
    this.fit();
  }

  fit(): void {
    const { w, h } = this.picture;
    this.scale = Math.max(Math.min((this.stage.w - 2 * MARGIN) / w, (this.stage.h - 2 * MARGIN) / h), 1e-3);
    this.centreOn({ x: w / 2, y: h / 2 });
    this.fitted = true;
  }

  /** One picture pixel to `scale` CSS pixels, about a point of the screen (the middle by default). */
  zoomTo(scale: number, about: Point = { x: this.stage.w / 2, y: this.stage.h / 2 }): void {
    const at = this.toPicture(about);
    this.scale = clamp(scale, this.farthest, CLOSEST);
    this.x = about.x - at.x * this.scale;
    this.y = about.y - at.y * this.scale;
    this.moved();
  }

  zoomBy(factor: number, about?: Point): void {
    this.zoomTo(this.scale * factor, about);
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.moved();
  }

  /** Brings a rectangle of the picture into view: zooms only when it would be lost or does not fit. */
  reveal(rect: Rect): void {
    const [w, h] = [rect.w * this.scale, rect.h * this.scale];
    const roomy = w <= this.stage.w * 0.9 && h <= this.stage.h * 0.9;
    const visible = this.visible;
    const inside =
      rect.x >= visible.x && rect.y >= visible.y &&
      rect.x + rect.w <= visible.x + visible.w && rect.y + rect.h <= visible.y + visible.h;
    if (inside && roomy) return;
    if (!roomy) this.scale = Math.min((this.stage.w * 0.7) / rect.w, (this.stage.h * 0.7) / rect.h);
    this.centreOn({ x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 });
  }

  /** Moves the picture only when the rectangle would be out of sight; never zooms. */
  keepInView(rect: Rect): void {
    const { visible } = this;
    const middle = { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 };
    const seen = middle.x > visible.x && middle.y > visible.y && middle.x < visible.x + visible.w && middle.y < visible.y + visible.h;
    if (!seen) this.centreOn(middle);
  }

  /** Fills most of the stage with the rectangle. */
  zoomOn(rect: Rect): void {
    const scale = Math.min((this.stage.w * 0.6) / Math.max(rect.w, 1), (this.stage.h * 0.6) / Math.max(rect.h, 1));
    this.scale = clamp(scale, this.farthest, CLOSEST);
    this.centreOn({ x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 });
  }

  private centreOn(point: Point): void {
    this.x = this.stage.w / 2 - point.x * this.scale;
    this.y = this.stage.h / 2 - point.y * this.scale;
    this.moved();
  }

  private get farthest(): number {
    return Math.min(0.5, (Math.min(this.stage.w / this.picture.w, this.stage.h / this.picture.h)) / 4);
  }

  private moved(): void {
    this.fitted = false;
    // A corner of the picture always stays on the stage: nobody loses it.
    const [w, h] = [this.picture.w * this.scale, this.picture.h * this.scale];
    const keep = 40;
    this.x = clamp(this.x, keep - w, this.stage.w - keep);
    this.y = clamp(this.y, keep - h, this.stage.h - keep);
    for (const run of this.watchers) run();
  }
}
