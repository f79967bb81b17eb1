/** The least cut between two ends of a grid whose cells are joined to their eight neighbours (Boykov and Kolmogorov's two
 * search trees, 2004). The grid has a rim of one unused cell, so that no neighbour has to be checked for. */

const FREE = 0;
const SOURCE = 1;
const SINK = 2;
const ROOT = 8; // parent: the terminal itself
const ORPHAN = 9;

export class Flow {
  /** Cells of a row, the rim included. */
  readonly width: number;
  /** Where the neighbours are; the way back of direction d is 7 − d. */
  readonly ways: readonly number[];
  /** Eight capacities to the neighbours, per cell. */
  readonly links: Float32Array;
  /** Above zero: capacity from the source; below: to the sink. */
  readonly ends: Float32Array;
  private readonly tree: Uint8Array;
  private readonly parent: Int8Array;
  private readonly stamp: Int32Array;
  private readonly far: Int32Array;
  private readonly queue: Int32Array;
  private readonly queued: Uint8Array;
  private head = 0;
  private length = 0;
  private readonly orphans: number[] = [];
  private time = 0;

  constructor(w: number, h: number) {
    this.width = w + 2;
    const n = this.width * (h + 2);
    const row = this.width;
    this.ways = [-row - 1, -row, -row + 1, -1, 1, row - 1, row, row + 1];
    this.links = new Float32Array(n * 8);
    this.ends = new Float32Array(n);
    this.tree = new Uint8Array(n);
    this.parent = new Int8Array(n);
    this.stamp = new Int32Array(n);
    this.far = new Int32Array(n);
    this.queue = new Int32Array(n);
    this.queued = new Uint8Array(n);
  }

  /** Runs once; then `inside` tells the side of each cell. */
  run(): void {
    this.ends.forEach((end, cell) => {
      if (!end) return;
      this.tree[cell] = end > 0 ? SOURCE : SINK;
      this.parent[cell] = ROOT;
      this.far[cell] = 1;
      this.wake(cell);
    });
    let cell = -1;
    for (;;) {
      if (cell < 0 || this.tree[cell] === FREE) {
        cell = this.next();
        if (cell < 0) return;
      }
      const way = this.grow(cell);
      if (way < 0) {
        cell = -1;
        continue;
      }
      this.time++;
      const other = cell + this.ways[way]!;
      if (this.tree[cell] === SOURCE) this.push(cell, way, other);
      else this.push(other, 7 - way, cell);
      while (this.orphans.length) this.adopt(this.orphans.pop()!);
    }
  }

  inside(cell: number): boolean {
    return this.tree[cell] === SOURCE;
  }

  private wake(cell: number): void {
    if (this.queued[cell]) return;
    this.queued[cell] = 1;
    this.queue[(this.head + this.length++) % this.queue.length] = cell;
  }

  private next(): number {
    while (this.length) {
      const cell = this.queue[this.head]!;
      this.head = (this.head + 1) % this.queue.length;
      this.length--;
      this.queued[cell] = 0;
      if (this.tree[cell] !== FREE) return cell;
    }
    return -1;
  }

  /** Takes free neighbours into the cell's tree; the direction in which the other tree was met, or -1. */
  private grow(cell: number): number {
    const { tree, links, ways, parent, stamp, far } = this;
    const mine = tree[cell]!;
    for (let way = 0; way < 8; way++) {
      const other = cell + ways[way]!;
      if (!(mine === SOURCE ? links[cell * 8 + way]! : links[other * 8 + 7 - way]!)) continue;
      if (tree[other] === FREE) {
        tree[other] = mine;
        this.lead(other, 7 - way, cell);
        this.wake(other);
      } else if (tree[other] !== mine) return way;
      else if (stamp[other]! <= stamp[cell]! && far[other]! > far[cell]! && parent[other] !== ROOT) this.lead(other, 7 - way, cell);
    }
    return -1;
  }

  private lead(cell: number, way: number, to: number): void {
    this.parent[cell] = way;
    this.stamp[cell] = this.stamp[to]!;
    this.far[cell] = this.far[to]! + 1;
  }

  /** As much as fits flows from the source over `from`, one step, `to`, into the sink; what is full cuts off its child. */
  private push(from: number, way: number, to: number): void {
    const { links, ends, parent, ways } = this;
    let most = links[from * 8 + way]!;
    let cell = from;
    for (let up = parent[cell]!; up !== ROOT; up = parent[cell]!) {
      cell += ways[up]!;
      most = Math.min(most, links[cell * 8 + 7 - up]!);
    }
    most = Math.min(most, ends[cell]!);
    cell = to;
    for (let up = parent[cell]!; up !== ROOT; up = parent[cell]!) {
      most = Math.min(most, links[cell * 8 + up]!);
      cell += ways[up]!;
    }
    most = Math.min(most, -ends[cell]!);
    links[from * 8 + way]! -= most;
    links[to * 8 + 7 - way]! += most;
    cell = from;
    for (let up = parent[cell]!; up !== ROOT; up = parent[cell]!) {
      const child = cell;
      cell += ways[up]!;
      links[child * 8 + up]! += most;
      if (!(links[cell * 8 + 7 - up]! -= most)) this.cutOff(child);
    }
    if (!(ends[cell]! -= most)) this.cutOff(cell);
    cell = to;
    for (let up = parent[cell]!; up !== ROOT; up = parent[cell]!) {
      const child = cell;
      cell += ways[up]!;
      links[cell * 8 + 7 - up]! += most;
      if (!(links[child * 8 + up]! -= most)) this.cutOff(child);
    }
    if (!(ends[cell]! += most)) this.cutOff(cell);
  }

  private cutOff(cell: number): void {
    this.parent[cell] = ORPHAN;
    this.orphans.push(cell);
  }

  /** Finds the orphan another parent of its tree that still hangs on the terminal, or frees it and its children. */
  private adopt(cell: number): void {
    const { tree, links, ways, parent } = this;
    const mine = tree[cell]!;
    let [best, nearest] = [-1, 1 << 30];
    for (let way = 0; way < 8; way++) {
      const other = cell + ways[way]!;
      if (tree[other] !== mine || !(mine === SOURCE ? links[other * 8 + 7 - way]! : links[cell * 8 + way]!)) continue;
      const far = this.root(other);
      if (far < nearest) [best, nearest] = [way, far];
    }
    if (best >= 0) {
      parent[cell] = best;
      this.stamp[cell] = this.time;
      this.far[cell] = nearest + 1;
      return;
    }
    tree[cell] = FREE;
    for (let way = 0; way < 8; way++) {
      const other = cell + ways[way]!;
      if (tree[other] !== mine) continue;
      if (mine === SOURCE ? links[other * 8 + 7 - way]! : links[cell * 8 + way]!) this.wake(other);
      if (parent[other] === 7 - way) this.cutOff(other);
    }
  }

  /** Steps to the terminal, or a great number when the way ends at an orphan. What is learnt is marked with the time. */
  private root(from: number): number {
    const { parent, stamp, far, ways, time } = this;
    let [cell, steps] = [from, 0];
    for (;;) {
      if (stamp[cell] === time) {
        steps += far[cell]!;
        break;
      }
      const up = parent[cell]!;
      if (up === ORPHAN) return 1 << 30;
      steps++;
      if (up === ROOT) break;
      cell += ways[up]!;
    }
    for (let [at, left] = [from, steps]; stamp[at] !== time; left--) {
      stamp[at] = time;
      far[at] = left;
      if (parent[at] === ROOT) break;
      at += ways[parent[at]!]!;
    }
    return steps;
  }
}
