/** How masks are painted and turned into polygons: kept from item to item. */
import { signal } from "@preact/signals";

export class Painting {
  /** Diameter of the brush in picture pixels. */
  readonly size = signal(20);
  /** The brush leaves what other masks cover as it is. */
  readonly apart = signal(false);
  /** Picture pixels by which a polygon may stray from the mask it is made of. */
  readonly tolerance = signal(0.5);
  /** What the quick outline makes, where the label allows both. */
  readonly makes = signal<"polygon" | "mask">("polygon");
  /** The quick outline is at work or found nothing: shown beside its switches. */
  readonly state = signal<"" | "working">("");

  resize(way: 1 | -1): void {
    const size = this.size.peek();
    const by = Math.max(1, Math.round(size * 0.2));
    this.size.value = Math.min(Math.max(size + way * by, 1), 1000);
  }
}
