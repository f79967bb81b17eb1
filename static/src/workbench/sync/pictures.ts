/** Pictures by address: fetched and decoded once, a few kept, so that the next one is painted at once. */
const KEPT = 4;

export class Pictures {
  private readonly known = new Map<string, Promise<HTMLImageElement>>();

  /** Rejects when the picture cannot be had or read; the next call tries again. */
  get(url: string): Promise<HTMLImageElement> {
    const found = this.known.get(url);
    if (found) return found;
    const image = new Image();
    image.src = url;
    const decoded = image.decode().then(() => image);
    decoded.catch(() => this.known.delete(url));
    this.known.set(url, decoded);
    for (const old of [...this.known.keys()].slice(0, -KEPT)) this.known.delete(old);
    return decoded;
  }
}
