/** Pictures by address: fetched and decoded once, a few kept, so that the next one is painted at once. */
const KEPT = 4;
/** Pixels up to which a picture is also kept as a bitmap: an element's decoded pixels are dropped after a moment, and the
 * first paint of a picture fetched ahead would decode it again. */
const SMALL = 4e6;

export class Pictures {
  private readonly known = new Map<string, Promise<HTMLImageElement>>();
  private readonly bitmaps = new WeakMap<HTMLImageElement, ImageBitmap>();

  /** Rejects when the picture cannot be had or read; the next call tries again. */
  get(url: string): Promise<HTMLImageElement> {
    const found = this.known.get(url);
    if (found) return found;
    const image = new Image();
    image.src = url;
    const decoded = image.decode().then(() => this.keep(image));
    decoded.catch(() => this.known.delete(url));
    this.known.set(url, decoded);
    for (const old of [...this.known.keys()].slice(0, -KEPT)) this.known.delete(old);
    return decoded;
  }

  /** What to paint the picture from. */
  drawn(image: HTMLImageElement): CanvasImageSource {
    return this.bitmaps.get(image) ?? image;
  }

  private async keep(image: HTMLImageElement): Promise<HTMLImageElement> {
    if (image.naturalWidth * image.naturalHeight > SMALL || typeof createImageBitmap === "undefined") return image;
    const bitmap = await createImageBitmap(image).catch(() => null);
    if (bitmap) this.bitmaps.set(image, bitmap);
    return image;
  }
}
