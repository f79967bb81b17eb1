/** Moving and resizing by hand: the drag that both tools share. The document changes once, when the hand lets go. */
import type { Bench } from "../bench.ts";
import { distance } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { REACH, SHAKE, type Press } from "./tool.ts";

interface Held {
  object: AnyObject;
  handle: string | null;
  from: Press;
  moving: boolean;
}

export class Grip {
  private held: Held | null = null;
  private readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  get holds(): boolean {
    return this.held !== null;
  }

  /** The selected object's handle under the press. */
  handleAt(press: Press): { name: string; cursor: string } | null {
    const object = this.bench.editable();
    const shape = object && shapeOf(object);
    if (!object || !shape) return null;
    let best: { name: string; cursor: string; far: number } | null = null;
    for (const { name, at, cursor } of shape.handles(object)) {
      const far = distance(this.bench.viewport.toScreen(at), press.screen);
      if (far <= REACH && far < (best?.far ?? Infinity)) best = { name, cursor, far };
    }
    return best;
  }

  take(object: AnyObject, handle: string | null, press: Press): void {
    this.held = { object, handle, from: press, moving: false };
  }

  move(press: Press): void {
    const held = this.held;
    if (!held) return;
    if (!held.moving && distance(held.from.screen, press.screen) < SHAKE) return;
    held.moving = true;
    const shape = shapeOf(held.object)!;
    const picture = this.bench.viewport.picture;
    let [dx, dy] = [press.at.x - held.from.at.x, press.at.y - held.from.at.y];
    if (held.handle) {
      this.bench.ui.preview.value = shape.dragged(held.object, held.handle, press.at, picture);
      return;
    }
    if (press.shift) Math.abs(dx) > Math.abs(dy) ? (dy = 0) : (dx = 0);
    this.bench.ui.preview.value = shape.moved(held.object, dx, dy, picture);
  }

  release(): void {
    const preview = this.bench.ui.preview.peek();
    if (this.held?.moving && preview) this.bench.reshape(preview);
    this.drop();
  }

  drop(): boolean {
    const held = this.held !== null;
    this.held = null;
    this.bench.ui.preview.value = null;
    return held;
  }
}
