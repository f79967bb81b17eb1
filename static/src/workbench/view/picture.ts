/** The picture of the task: its display rendition until that is no longer sharp, then the original; drawn quickly while it
 * moves and well when it rests; lighter, harder or inverted as the person likes. */
import type { Patch } from "../assist/colours.ts";
import type { Bench } from "../bench.ts";
import type { Rect, Size } from "../geometry/plane.ts";
import { filterOf } from "../state/view.ts";
import type { Bundle } from "../sync/bundle.ts";
import type { Lie } from "./layer.ts";
import { bitmapOf } from "./sharp.ts";

const CRISP = 4; // from this many screen pixels per picture pixel on, pixels are shown as squares
const REST = 150; // ms without movement

/** Where the picture lies, and which part of it is in sight. */
export interface Lying extends Lie {
  visible: Rect;
}

export class PictureView {
  private readonly bench: Bench;
  private readonly touch: () => void;
  private image: HTMLImageElement | null = null;
  /** The original, decoded, when it is large. */
  private bitmap: ImageBitmap | null = null;
  /** The original was asked for: the display size was no longer sharp. */
  private full = false;
  private moving = 0;

  /** `touch` asks for the picture to be drawn again. */
  constructor(bench: Bench, touch: () => void) {
    this.bench = bench;
    this.touch = touch;
  }

  close(): void {
    clearTimeout(this.moving);
    this.bitmap?.close();
  }

  /** Another task: its picture is drawn as soon as it is there, which it is when it was fetched ahead. */
  arrived(bundle: Bundle): void {
    this.image = null;
    this.bitmap?.close();
    this.bitmap = null;
    this.full = false;
    this.touch();
    this.bench.ui.picture.value = "loading";
    if (bundle.media) void this.load(bundle.media.display, bundle.item.id);
  }

  /** The picture was moved or zoomed. */
  moved(): void {
    clearTimeout(this.moving);
    this.moving = window.setTimeout(() => {
      this.moving = 0;
      this.touch();
    }, REST);
    this.touch();
    this.sharpen();
  }

  private async load(url: string, item: number): Promise<void> {
    const here = (): boolean => this.bench.desk.bundle.peek()?.item.id === item;
    try {
      const image = await this.bench.pictures.get(url);
      if (!here()) return;
      this.image = image;
      this.bench.ui.picture.value = "shown";
      this.touch();
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
    this.touch();
  }

  /** As it lies on the stage, or elsewhere. */
  paint(context: CanvasRenderingContext2D, lie: Lying = this.bench.viewport): void {
    if (!this.image) return;
    const { x, y, scale, visible } = lie;
    const { picture } = this.bench.viewport;
    context.imageSmoothingEnabled = scale < CRISP;
    context.imageSmoothingQuality = this.moving ? "low" : "high";
    context.filter = filterOf(this.bench.ui.view.peek());
    // Zoomed out, the display rendition is sharp enough and far quicker to draw than the original.
    const sharp = this.bitmap && picture.w * scale * (devicePixelRatio || 1) > this.image.naturalWidth;
    const from = sharp ? this.bitmap! : this.bench.pictures.drawn(this.image);
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

  /** Pixels within a rectangle of the picture, in the size asked for; null until it is there. */
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
}
