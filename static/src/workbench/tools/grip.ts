/** Moving, resizing, turning and pulling points by hand: the drag that the tools share. The document changes once, when the
 * hand lets go. Several chosen objects move as one, and are resized by the handles of the frame around them. */
import type { Bench } from "../bench.ts";
import { distance } from "../geometry/plane.ts";
import { draggedTogether, movedTogether } from "../shapes/group.ts";
import { readHandle } from "../shapes/outline.ts";
import { shapeOf, type Handle } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";
import { handlesOf } from "./handles.ts";
import { stuck } from "./stick.ts";
import { REACH, SHAKE, type Press } from "./tool.ts";

interface Held {
  objects: readonly AnyObject[];
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

  get moves(): boolean {
    return this.held?.moving === true;
  }

  /** The handle of what is chosen under the press. A point wins over the place for a new one. */
  handleAt(press: Press): Handle | null {
    let best: { handle: Handle; far: number } | null = null;
    for (const handle of handlesOf(this.bench)) {
      const far = distance(this.bench.viewport.toScreen(handle.at), press.screen) + (handle.look === "new" ? REACH / 2 : 0);
      if (far <= REACH && far < (best?.far ?? Infinity)) best = { handle, far };
    }
    return best?.handle ?? null;
  }

  take(objects: readonly AnyObject[], handle: string | null, press: Press): void {
    this.held = { objects, handle, from: press, moving: false };
  }

  move(press: Press): void {
    const held = this.held;
    if (!held) return;
    if (!held.moving && distance(held.from.screen, press.screen) < SHAKE) return;
    held.moving = true;
    const { ui, viewport } = this.bench;
    const { objects, handle } = held;
    const [first] = objects as [AnyObject];
    let [dx, dy] = [press.at.x - held.from.at.x, press.at.y - held.from.at.y];
    if (press.shift && !handle) Math.abs(dx) > Math.abs(dy) ? (dy = 0) : (dx = 0);
    if (objects.length > 1) {
      const all = handle ? draggedTogether(objects, handle, press.at, viewport.picture) : movedTogether(objects, dx, dy, viewport.picture);
      ui.previews.value = all.slice(1);
      ui.preview.value = all[0]!;
      return;
    }
    const shape = shapeOf(first)!;
    if (!handle) ui.preview.value = shape.moved(first, dx, dy, viewport.picture);
    else {
      const at = readHandle(handle) && !press.alt ? stuck(this.bench, press.at, first.id) : press.at;
      ui.preview.value = shape.dragged(first, handle, at, viewport.picture, press);
    }
  }

  /** Ends the hold; a click with Alt on a point of an outline takes the point out. */
  release(press?: Press): void {
    const held = this.held;
    const preview = this.bench.ui.preview.peek();
    const all = preview && [preview, ...this.bench.ui.previews.peek()];
    this.drop();
    if (held?.moving && all) this.bench.reshapeAll(all);
    else if (held?.handle && press?.alt) this.takeOut(held.objects[0]!, held.handle);
  }

  drop(): boolean {
    const held = this.held !== null;
    this.held = null;
    this.bench.ui.preview.value = null;
    this.bench.ui.previews.value = [];
    return held;
  }

  private takeOut(object: AnyObject, handle: string): void {
    const left = shapeOf(object)?.without?.(object, handle);
    if (left) this.bench.reshape(left);
    else if (readHandle(handle)?.fresh === false) this.bench.tell("points_needed", "warn");
  }
}
