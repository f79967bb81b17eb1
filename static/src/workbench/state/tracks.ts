/** Tracks: one thing over the frames of a group. Pure: from what the frames hold to what must be written into others.
 *
 * Where a person showed the thing it is *placed*; elsewhere it is *interpolated* and follows the placed ones: between two of them,
 * or as a copy of the nearest where there is only one side. Never rewritten: what is placed, the frame on the desk (its own
 * document does that), and frames that are answered or somebody else's. Where it was taken out it stays out.
 */
import { canonical } from "../../kit/canonical.ts";
import { identifier } from "../../kit/identifier.ts";
import { between } from "../geometry/between.ts";
import type { AnyObject, Attributes } from "../sync/bundle.ts";

/** `frame` is the number within the group, `revision` that of the draft; `objects` are those with a track. */
export interface Frame {
  item: number;
  frame: number;
  state: "here" | "mine" | "answered" | "done" | "open" | "away";
  revision: number;
  objects: readonly AnyObject[];
}
/** What to write into one other frame: objects by id, and ids to take out. */
export interface Edit {
  item: number;
  put: AnyObject[];
  drop: string[];
  /** Answers about the item where it has none, and those to take out again. */
  fill?: Attributes;
  clear?: string[];
}
export interface TrackRow {
  track: string;
  label: string;
  /** Frame numbers of the first and the last mark. */
  begins: number;
  ends: number;
  marks: { frame: number; item: number; placed: boolean }[];
}

export const placed = (object: AnyObject): boolean => object.source !== "interpolated";

/** The object as the person's own; what was placed already comes back as it is. */
export function confirmed(object: AnyObject): AnyObject {
  if (placed(object)) return object;
  const { source: _, ...rest } = object;
  return rest as AnyObject;
}

export function writable(frame: Frame): boolean {
  return frame.state === "mine" || frame.state === "open";
}

/** A relation and a span hang on the objects and the words of their own frame: they go nowhere. */
function goes(object: AnyObject): boolean {
  return object.kind !== "relation" && object.kind !== "span";
}

/** The track's object in the frame; the placed one, should there be several. */
function find(frame: Frame, track: string): AnyObject | undefined {
  const found = frame.objects.filter((object) => object.track === track && goes(object));
  return found.find(placed) ?? found[0];
}

function placedIn(frame: Frame, track: string): AnyObject | undefined {
  const found = find(frame, track);
  return found && placed(found) ? found : undefined;
}

/** The frames with `here` as it is on the screen, and its place among them. */
function around(frames: readonly Frame[], shown: Frame): [Frame[], number] {
  const here: Frame = { ...shown, state: "here" };
  const at = frames.findIndex(({ item }) => item === here.item);
  if (at >= 0) return [frames.with(at, here), at];
  const next = frames.findIndex(({ frame }) => frame > here.frame);
  const place = next < 0 ? frames.length : next;
  return [frames.toSpliced(place, 0, here), place];
}

/** The place of the nearest frame with the track placed, from `at` on by `step`; -1 without one. */
function nearest(line: readonly Frame[], track: string, at: number, step: 1 | -1): number {
  for (let i = at + step; i >= 0 && i < line.length; i += step) if (placedIn(line[i]!, track)) return i;
  return -1;
}

/** What the rules put into each of the places, where it may be written and is not so already. */
function written(line: readonly Frame[], track: string, places: ReadonlySet<number>): Edit[] {
  const edits: Edit[] = [];
  let [before, after] = [-1, nearest(line, track, -1, 1)];
  line.forEach((frame, at) => {
    if (at === after) return void ([before, after] = [at, nearest(line, track, at, 1)]);
    if (!places.has(at) || !writable(frame)) return;
    const [from, to] = [line[before] ?? line[after], line[after] ?? line[before]];
    if (!from || !to) return; // no one shows where it is: what is there stays
    const way = to.frame - from.frame;
    const t = way > 0 ? Math.min(Math.max((frame.frame - from.frame) / way, 0), 1) : 0;
    const there = find(frame, track);
    const { model: _m, score: _s, ...made } = between(placedIn(from, track)!, placedIn(to, track)!, t);
    const object = { ...made, id: there?.id ?? identifier(), source: "interpolated", track } as AnyObject;
    if (!there || canonical(there) !== canonical(object)) edits.push({ item: frame.item, put: [object], drop: [] });
  });
  return edits;
}

/** `object`, which counts as placed, goes into the next `count` frames, up to one where its track is placed. As copies, or, when such
 * a frame lies ahead at all, on the way to it. Frames that cannot be written are passed over, and counted. */
export function propagate(frames: readonly Frame[], here: Frame, object: AnyObject, count: number, backwards = false): Edit[] {
  const { track } = object;
  if (!track || !goes(object)) return [];
  const rest = here.objects.filter(({ id }) => id !== object.id);
  const [line, at] = around(frames, { ...here, objects: [confirmed(object), ...rest] });
  const step = backwards ? -1 : 1;
  const places = new Set<number>();
  for (let i = at + step; line[i] && places.size < count && !placedIn(line[i]!, track); i += step) places.add(i);
  return written(line, track, places);
}

/** The edits that bring a track in line with what is placed. `fresh`: it became placed in this frame just now, and a gap to the next
 * placed one in which no frame has it is filled. */
export function settle(frames: readonly Frame[], here: Frame, track: string, fresh: boolean): Edit[] {
  const [line, at] = around(frames, here);
  const all = [...line.keys()];
  const places = new Set(all.filter((i) => find(line[i]!, track)));
  if (!fresh || !placedIn(here, track)) return written(line, track, places);
  const gaps = ([-1, 1] as const).flatMap((step) => {
    const end = nearest(line, track, at, step);
    const gap = end < 0 ? [] : all.slice(Math.min(at, end) + 1, Math.max(at, end));
    return gap.some((i) => places.has(i)) ? [] : gap;
  });
  return written(line, track, new Set([...places, ...gaps]));
}

/** The thing ends here: what is interpolated after this frame, up to the next placed one, is taken out. */
export function endTrack(frames: readonly Frame[], here: Frame, track: string): Edit[] {
  const [line, at] = around(frames, here);
  const end = nearest(line, track, at, 1);
  return line.slice(at + 1, end < 0 ? undefined : end).filter(writable).flatMap(({ item, objects }) => {
    const drop = objects.filter((object) => object.track === track && goes(object) && !placed(object)).map(({ id }) => id);
    return drop.length ? [{ item, put: [], drop }] : [];
  });
}

/** The frames once the edits are written; revisions are the server's to tell. */
export function apply(frames: readonly Frame[], edits: readonly Edit[]): Frame[] {
  return frames.map((frame) => edits.filter(({ item }) => item === frame.item).reduce((now, { put, drop }) => {
    const by = new Map(now.objects.filter(({ id }) => !drop.includes(id)).map((object) => [object.id, object]));
    for (const object of put) by.set(object.id, object);
    return { ...now, objects: [...by.values()] };
  }, frame));
}

/** One row for each track, for the strip: by begin, then label, then track. The label is that of the first mark. */
export function rows(frames: readonly Frame[]): TrackRow[] {
  const found = new Map<string, TrackRow>();
  for (const frame of frames) {
    for (const track of new Set(frame.objects.filter(goes).flatMap((object) => object.track ?? []))) {
      const object = find(frame, track)!;
      const row = found.get(track) ?? { track, label: object.label, begins: frame.frame, ends: frame.frame, marks: [] };
      row.ends = frame.frame;
      row.marks.push({ frame: frame.frame, item: frame.item, placed: placed(object) });
      found.set(track, row);
    }
  }
  const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return [...found.values()].sort((a, b) => a.begins - b.begins || order(a.label, b.label) || order(a.track, b.track));
}

/** The tracked objects of the nearest earlier frame that has any, as they are there. */
export function carriedFrom(frames: readonly Frame[], here: Frame): AnyObject[] {
  const [line, at] = around(frames, here);
  return line.slice(0, at).findLast(({ objects }) => objects.some(goes))?.objects.filter(goes) ?? [];
}
