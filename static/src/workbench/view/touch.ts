/** Two fingers move and zoom the picture, whatever the tool; what one finger had begun is let go of. */
import { distance, type Point } from "../geometry/plane.ts";
import type { Viewport } from "../geometry/viewport.ts";

export class Fingers {
  private readonly down = new Map<number, Point>();
  /** Two were down: the rest of this touch draws nothing, until all are up. */
  private gesture = false;
  private readonly viewport: Viewport;
  private readonly begun: () => void;

  constructor(viewport: Viewport, begun: () => void) {
    this.viewport = viewport;
    this.begun = begun;
  }

  /** Each of these says whether the gesture takes the event, so that no tool hears of it. */
  press(id: number, at: Point): boolean {
    this.down.set(id, at);
    if (this.down.size >= 2 && !this.gesture) {
      this.gesture = true;
      this.begun();
    }
    return this.gesture;
  }

  move(id: number, at: Point): boolean {
    if (!this.gesture) return false;
    const before = this.pair();
    if (!this.down.has(id)) return true;
    this.down.set(id, at);
    const after = this.pair();
    if (!before || !after) return true;
    const [from, to] = [middle(before), middle(after)];
    this.viewport.pan(to.x - from.x, to.y - from.y);
    const [wide, now] = [distance(...before), distance(...after)];
    if (wide > 1 && now > 1) this.viewport.zoomBy(now / wide, to);
    return true;
  }

  lift(id: number): boolean {
    const was = this.gesture;
    this.down.delete(id);
    if (!this.down.size) this.gesture = false;
    return was;
  }

  private pair(): [Point, Point] | null {
    const [a, b] = [...this.down.values()];
    return a && b ? [a, b] : null;
  }
}

function middle([a, b]: [Point, Point]): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
