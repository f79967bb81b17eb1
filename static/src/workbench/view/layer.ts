/** One canvas over the stage, sharp on any screen; drawn again only in the frame after something on it changed. */
import type { Size } from "../geometry/plane.ts";

export class Layer {
  readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly paint: (context: CanvasRenderingContext2D) => void;
  private size: Size = { w: 1, h: 1 };
  private waiting = 0;

  constructor(host: HTMLElement, paint: (context: CanvasRenderingContext2D) => void) {
    this.context = this.canvas.getContext("2d")!;
    this.paint = paint;
    this.canvas.setAttribute("aria-hidden", "true");
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

  close(): void {
    cancelAnimationFrame(this.waiting);
    this.canvas.remove();
  }

  private draw(): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    const ratio = this.canvas.width / this.size.w || 1;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.size.w, this.size.h);
    this.paint(this.context);
  }
}
