/** A uniform grid over the picture: which objects may lie at a point or in a rectangle, without asking each. */
import type { Rect, Size } from "./plane.ts";

const CELLS = 32; // along the longer side: at 5,000 small objects about five to a cell

export class Grid {
  private readonly cell: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly cells = new Map<number, Set<string>>();
  private readonly places = new Map<string, Rect>();

  constructor(size: Size) {
    this.cell = Math.max(size.w, size.h, 1) / CELLS;
    this.columns = Math.max(1, Math.ceil(size.w / this.cell));
    this.rows = Math.max(1, Math.ceil(size.h / this.cell));
  }

  set(id: string, bounds: Rect): void {
    this.delete(id);
    this.places.set(id, bounds);
    this.each(bounds, (cell) => {
      const ids = this.cells.get(cell);
      if (ids) ids.add(id);
      else this.cells.set(cell, new Set([id]));
    });
  }

  delete(id: string): void {
    const bounds = this.places.get(id);
    if (!bounds) return;
    this.places.delete(id);
    this.each(bounds, (cell) => this.cells.get(cell)?.delete(id));
  }

  clear(): void {
    this.cells.clear();
    this.places.clear();
  }

  /** Ids whose cells the rectangle touches: all that meet it, and perhaps a few near ones. */
  near(rect: Rect): Set<string> {
    const found = new Set<string>();
    this.each(rect, (cell) => {
      for (const id of this.cells.get(cell) ?? []) found.add(id);
    });
    return found;
  }

  private each(rect: Rect, run: (cell: number) => void): void {
    const left = this.place(rect.x, this.columns);
    const right = this.place(rect.x + rect.w, this.columns);
    const bottom = this.place(rect.y + rect.h, this.rows);
    for (let row = this.place(rect.y, this.rows); row <= bottom; row++) {
      for (let column = left; column <= right; column++) run(row * this.columns + column);
    }
  }

  private place(along: number, count: number): number {
    return Math.min(Math.max(Math.floor(along / this.cell), 0), count - 1); // what lies outside is kept at the rim
  }
}
