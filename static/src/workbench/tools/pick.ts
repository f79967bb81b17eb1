/** Which object a press means: what is smallest lies on top, whatever the order; hidden and locked ones let the press through. */
import { Grid } from "../geometry/grid.ts";
import { grown, type Point, type Rect, type Size } from "../geometry/plane.ts";
import { shapeOf } from "../shapes/shape.ts";
import type { AnyObject } from "../sync/bundle.ts";

export class Picker {
  private grid = new Grid({ w: 1, h: 1 });
  private known = new Map<string, AnyObject>();

  resize(picture: Size): void {
    this.grid = new Grid(picture);
    this.known = new Map();
  }

  /** Objects that may lie within the rectangle, in no order. */
  near(objects: readonly AnyObject[], rect: Rect): AnyObject[] {
    this.follow(objects);
    return [...this.grid.near(rect)].map((id) => this.known.get(id)!);
  }

  /** Objects under the point, the likeliest first. `slack` in picture pixels. */
  under(objects: readonly AnyObject[], point: Point, slack: number, blind: (id: string) => boolean): AnyObject[] {
    this.follow(objects);
    const near = this.grid.near(grown({ ...point, w: 0, h: 0 }, slack * 2));
    const found: { object: AnyObject; area: number }[] = [];
    for (const id of near) {
      const object = this.known.get(id)!;
      const shape = shapeOf(object);
      if (!shape || blind(id) || !shape.hit(object, point, slack)) continue;
      const { w, h } = shape.bounds(object);
      found.push({ object, area: w * h });
    }
    return found.sort((a, b) => a.area - b.area).map(({ object }) => object);
  }

  /** The grid follows the document by the identity of its objects: only what changed is set anew. */
  private follow(objects: readonly AnyObject[]): void {
    let same = 0;
    for (const object of objects) {
      if (this.known.get(object.id) === object) {
        same++;
        continue;
      }
      const shape = shapeOf(object);
      if (!shape) continue;
      this.grid.set(object.id, shape.bounds(object));
      this.known.set(object.id, object);
      same++;
    }
    if (this.known.size <= same && this.known.size <= objects.length) return;
    const here = new Set(objects.map(({ id }) => id));
    for (const id of this.known.keys()) {
      if (here.has(id)) continue;
      this.known.delete(id);
      this.grid.delete(id);
    }
  }
}
