/** Several areas made one, and one cut in several. The first keeps its identity, its label and its attributes. */
import { identifier } from "../../kit/identifier.ts";
import type { Bench } from "../bench.ts";
import { cut, inside, union, type Area } from "../geometry/areas.ts";
import { rectOf, type Point } from "../geometry/plane.ts";
import { corners } from "../shapes/box.ts";
import { hasArea, holesOf, rowOf, rowsOf } from "../shapes/outline.ts";
import { labelOf } from "../state/schema.ts";
import type { AnyObject, BoxObject } from "../sync/bundle.ts";
import type { Step } from "../state/patch.ts";

export function areaOf(object: AnyObject): Area | null {
  const ring = (rows: readonly (readonly number[])[]): Point[] => rows.map(([x, y]) => ({ x: x!, y: y! }));
  if (object.kind === "box") return { outer: corners(object), holes: [] };
  if (object.kind === "polygon") return { outer: ring(rowsOf(object)), holes: holesOf(object).map(ring) };
  return null;
}

/** The object with another place; what only its old kind had is left behind. */
function shaped(object: AnyObject, kind: "box" | "polygon", fields: object): AnyObject {
  const { box: _b, rotation: _r, points: _p, holes: _h, source: _s, model: _m, score: _c, ...rest } = object as AnyObject & Record<string, unknown>;
  return { ...rest, kind, ...fields } as unknown as AnyObject;
}

function asPolygon(object: AnyObject, { outer, holes }: Area): AnyObject {
  const kept = holes.filter(hasArea).map((hole) => hole.map((point) => rowOf(point)));
  return shaped(object, "polygon", { points: outer.map((point) => rowOf(point)), ...(kept.length ? { holes: kept } : {}) });
}

function asBox(object: AnyObject, ring: readonly Point[]): AnyObject {
  const { x, y, w, h } = rectOf(ring);
  return shaped(object, "box", { box: [x, y, w, h].map((value) => Math.round(value * 100) / 100) });
}

function may(bench: Bench, object: AnyObject, kind: "box" | "polygon"): boolean {
  return labelOf(bench.schema, object.label)?.kinds.includes(kind) ?? false;
}

const upright = (object: AnyObject): object is BoxObject => object.kind === "box" && !object.rotation;

/** The chosen polygons and boxes as one: boxes whose label is drawn as a box only become the box around them. */
export function mergeObjects(bench: Bench): void {
  const first = bench.editable();
  const chosen = bench.editables();
  const areas = chosen.map(areaOf);
  if (!first || chosen.length < 2 || areas.some((area) => area === null)) return bench.tell("merge_needs", "warn");
  let made: AnyObject;
  if (!may(bench, first, "polygon")) {
    if (!chosen.every(upright)) return bench.tell("merge_kind", "warn");
    made = asBox(first, (areas as Area[]).flatMap(({ outer }) => outer));
  } else {
    const joined = attempt(() => union(areas as Area[]).flatMap((one) => inside(one, bench.viewport.picture)));
    if (!joined) return bench.tell("merge_failed", "warn");
    if (joined.length !== 1) return bench.tell("merge_apart", "warn");
    made = asPolygon(first, joined[0]!);
  }
  const rest = chosen.filter(({ id }) => id !== first.id);
  bench.store.change([{ op: "put", object: made }, ...rest.map(({ id }): Step => ({ op: "drop", id }))]);
  bench.choose(first.id);
}

/** The line straightened along the axis that it is nearer to. */
function straight(a: Point, b: Point): [Point, Point] {
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const lying = Math.abs(b.x - a.x) > Math.abs(b.y - a.y);
  return [middle, lying ? { x: middle.x + 1, y: middle.y } : { x: middle.x, y: middle.y + 1 }];
}

/** A sliver thinner than this many pixels is a slip of the hand, and may vanish when its places are rounded. */
const LEAST = 0.5;

function wide(ring: readonly Point[]): boolean {
  const { w, h } = rectOf(ring);
  return hasArea(ring) && w >= LEAST && h >= LEAST;
}

function pieces(bench: Bench, object: AnyObject, a: Point, b: Point): AnyObject[] | null {
  const area = areaOf(object);
  if (!area) return null;
  const asPolygons = may(bench, object, "polygon") && !(upright(object) && (a.x === b.x || a.y === b.y) && may(bench, object, "box"));
  if (!asPolygons && !upright(object)) return null;
  const [from, to] = asPolygons ? [a, b] : straight(a, b);
  const found = attempt(() => cut(area, from, to).flatMap((one) => inside(one, bench.viewport.picture)))?.filter(({ outer }) => wide(outer));
  if (!found || found.length < 2) return null;
  return found.map((piece, index) => {
    const made = asPolygons ? asPolygon(object, piece) : asBox(object, piece.outer);
    if (!index) return made;
    const { track: _, ...fresh } = made;
    return { ...fresh, id: identifier() } as AnyObject;
  });
}

/** Cuts what is chosen, or else the likeliest object under the line; false when the line cuts nothing. */
export function splitObjects(bench: Bench, a: Point, b: Point): boolean {
  const chosen = bench.editables();
  const under = [0.5, 0.25, 0.75].map((t) => bench.under({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })[0]).find((object) => object && areaOf(object));
  const objects = chosen.length ? chosen : under ? [under] : [];
  const order = bench.store.document.peek().objects;
  const steps: Step[] = [];
  let shift = 0;
  for (const object of objects) {
    const found = pieces(bench, object, a, b);
    if (!found) continue;
    // The pieces lie where the whole lay, one over the other.
    const place = order.findIndex(({ id }) => id === object.id) + shift;
    found.forEach((piece, index) => steps.push({ op: "put", object: piece, ...(index ? { at: place + index } : {}) }));
    shift += found.length - 1;
  }
  if (!steps.length) {
    bench.tell("split_nothing", "warn");
    return false;
  }
  if (!bench.store.change(steps)) return false;
  bench.choose(null);
  bench.store.selectAll(steps.flatMap((step) => (step.op === "put" ? [step.object.id] : [])));
  return true;
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null; // degenerate outlines: said, not thrown
  }
}
