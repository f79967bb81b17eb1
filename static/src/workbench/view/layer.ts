/** One canvas over the stage, sharp on any screen; drawn again only in the frame after something on it changed.
 * A layer that is dear to draw may ride along while the picture moves: it is shown stretched, and drawn anew when the
 * movement rests; while it moves on, roughly, now and then. */
import type { Size } from "../geometry/plane.ts";

/** Where the picture lies: screen = picture × scale + (x, y). */
export interface Lie {
  x: number;
  y: number;
  scale: number;
}
const REST = 120; // ms without movement
const FAR = 1.8; // stretched by more than this it looks coarse
const SLOW = 700; // ms at most between two drawings while it moves on

export class Layer {
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly paint: (context: CanvasRenderingContext2D, rough: boolean) => void;
  private rough = false;
  private size: Size = { w: 1, h: 1 };
  private waiting = 0;
  private resting = 0;
  private drawn: Lie & { at: number } = { x: 0, y: 0, scale: 1, at: 0 };
  private ridden = false;
  private readonly lie: () => Lie;

  constructor(host: HTMLElement, paint: (context: CanvasRenderingContext2D, rough: boolean) => void, lie: () => Lie = () => ({ x: 0, y: 0, scale: 1 })) {
    this.context = this.canvas.getContext("2d")!;
    this.paint = paint;
    this.lie = lie;
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.style.transformOrigin = "0 0";
    host.append(this.canvas);
  }

  resize(size: Size): void {
    this.size = size;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(size.w * ratio);
    this.canvas.height = Math.round(size.h * ratio);
    this.draw(); // at once: a canvas is blank after a resize, and one frame of that is seen as a flash
  }

  touch = (): void => {
    this.waiting ||= requestAnimationFrame(() => this.draw());
  };

  /** The picture moved: what is drawn moves along, and is drawn anew a little later. */
  ride(): void {
    const { x, y, scale, at } = this.drawn;
    const now = this.lie();
    const by = now.scale / scale;
    clearTimeout(this.resting);
    if (by > FAR || by < 1 / FAR || performance.now() - at > SLOW) {
      this.rough = true;
      return this.touch();
    }
    this.canvas.style.transform = `translate(${now.x - x * by}px, ${now.y - y * by}px) scale(${by})`;
    this.ridden = true;
    this.resting = window.setTimeout(this.touch, REST);
  }

  close(): void {
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.resting);
    this.canvas.remove();
  }

  private draw(): void {
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.resting);
    this.waiting = 0;
    if (this.ridden) this.canvas.style.transform = "";
    this.ridden = false;
    this.drawn = { ...this.pick(), at: performance.now() };
    const ratio = this.canvas.width / this.size.w || 1;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.size.w, this.size.h);
    this.paint(this.context, this.rough);
    if (this.rough) this.resting = window.setTimeout(this.touch, REST);
    this.rough = false;
  }

  private pick(): Lie {
    const { x, y, scale } = this.lie();
    return { x, y, scale };
  }
}
