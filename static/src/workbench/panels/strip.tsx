/** The frames below the picture: where one is, what is begun, and where each track begins and ends. */
import { useEffect, useRef } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { carry, MOST, openFrame } from "../actions/frames.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { FrameRow } from "../state/frames.ts";
import type { TrackRow } from "../state/tracks.ts";
import { titled } from "../../kit/words.ts";
import { Act, Icon } from "./parts.tsx";
import { useFocus } from "./forms.tsx";

const CELL = 28;
const LINE = 12;

function Cells({ bench, list }: { bench: Bench; list: readonly FrameRow[] }) {
  const here = useRef<HTMLButtonElement>(null);
  const item = bench.frames.here.value?.item;
  useEffect(() => here.current?.scrollIntoView({ block: "nearest", inline: "center" }), [item, list.length]);
  return (
    <ol class="cells">
      {list.map(({ item: id, frame, state }) => (
        <li key={id}>
          <button ref={state === "here" ? here : null} type="button" class={state} disabled={state === "away" || state === "done" || !bench.working} aria-current={state === "here" ? "true" : undefined}
            aria-label={`${bench.say("frame_n", { n: frame })}: ${bench.say(`frame.${state}`)}`} title={bench.say(`frame.${state}`)} onClick={() => void openFrame(bench, id)}>{frame}</button>
        </li>
      ))}
    </ol>
  );
}

function Track({ bench, row, place, name }: { bench: Bench; row: TrackRow; place: ReadonlyMap<number, number>; name: string }) {
  const line = useRef<SVGGElement>(null);
  const colour = colourOf(bench.schema, row.label);
  useEffect(() => line.current?.style.setProperty("--c", colour), [colour]);
  const on = bench.store.current.value?.track === row.track;
  const at = (item: number): number => (place.get(item) ?? 0) * CELL + CELL / 2;
  const marks = row.marks.filter(({ item }) => place.has(item));
  const open = (item: number): void => {
    const object = bench.store.document.peek().objects.find(({ track }) => track === row.track);
    if (object) bench.choose(object.id);
    bench.follow = row.track;
    void openFrame(bench, item);
  };
  return (
    <svg class={`track ${on ? "on" : ""}`} width={place.size * CELL} height={LINE} role="img" aria-label={bench.say("track_row", { name, from: row.begins, to: row.ends, n: marks.filter((mark) => mark.placed).length })}>
      <g ref={line}>
        {marks.slice(1).map((mark, index) => {
          const before = marks[index]!;
          const gap = place.get(mark.item)! - place.get(before.item)! > 1; // it is hidden, or out of the picture, in between
          return <line key={mark.item} x1={at(before.item)} x2={at(mark.item)} y1={LINE / 2} y2={LINE / 2} class={gap ? "gap" : ""} />;
        })}
        {marks.map(({ item, placed, frame }) => (
          <circle key={item} cx={at(item)} cy={LINE / 2} r={placed ? 4 : 2.5} class={placed ? "placed" : "between"} onClick={() => open(item)}><title>{bench.say("track_mark", { name, n: frame })}</title></circle>
        ))}
      </g>
    </svg>
  );
}

function Tracks({ bench, list }: { bench: Bench; list: readonly FrameRow[] }) {
  const place = new Map(list.map(({ item }, index) => [item, index]));
  const counts = new Map<string, number>();
  return (
    <div class="lines" role="group" aria-label={bench.say("tracks")}>
      {bench.frames.tracks.value.map((row) => {
        const number = (counts.get(row.label) ?? 0) + 1;
        counts.set(row.label, number);
        const label = labelOf(bench.schema, row.label);
        return <Track key={row.track} bench={bench} row={row} place={place} name={`${label ? titled(label, bench.config.language) : row.label} ${number}`} />;
      })}
    </div>
  );
}

export function Strip({ bench }: { bench: Bench }) {
  const list = bench.frames.list.value;
  if (!bench.frames.any.value) return null;
  const sending = bench.frames.sending.value;
  const labels = bench.kind === "annotate";
  return (
    <footer class="strip" aria-label={bench.say("frames")} data-region data-frames={list.length}>
      <div class="row ways">
        <Act bench={bench} name="frame_before" class="btn ghost icon small" keyed={false}><Icon name="left" /></Act>
        <span class="num nw s">{bench.say("frame_n", { n: bench.frames.here.value?.frame ?? "" })}</span>
        <Act bench={bench} name="frame_next" class="btn ghost icon small" keyed={false}><Icon name="right" /></Act>
        {labels && <Act bench={bench} name="frame_copy" class="btn ghost small">{bench.say("short.frame_copy")}</Act>}
        {labels && <Act bench={bench} name="propagate" class="btn ghost small">{bench.say("short.propagate")}</Act>}
        {labels && <Act bench={bench} name="track_end" class="btn ghost small opt">{bench.say("short.track_end")}</Act>}
        {labels && <Act bench={bench} name="confirm" class="btn ghost small">{bench.say("short.confirm")}</Act>}
        <span class="end row">
          {sending && <span class="s m" role="status">{bench.say("frames_sending", { n: sending.done + 1, of: sending.of })}</span>}
          {labels && <Act bench={bench} name="submit_frames" class="btn small">{bench.say("short.submit_frames")}</Act>}
        </span>
      </div>
      <div class="reel" tabIndex={-1}><Cells bench={bench} list={list} /><Tracks bench={bench} list={list} /></div>
    </footer>
  );
}

/** Over how many frames: Enter for the next ones. */
export function Propagate({ bench }: { bench: Bench }) {
  const field = useFocus<HTMLInputElement>();
  const send = (sign: 1 | -1): void => {
    const count = Math.round(field.current!.valueAsNumber);
    if (!(count >= 1 && count <= MOST)) return field.current!.select();
    bench.ui.form.value = null;
    void carry(bench, sign * count);
  };
  return (
    <div class="float ask" role="dialog" aria-label={bench.say("propagate_title")}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); send(1); }}>
        <h2>{bench.say("propagate_title")}</h2>
        <p class="s m">{bench.say("propagate_help")}</p>
        <label class="field"><span>{bench.say("propagate_count")}</span>
          <input ref={field} type="number" min={1} max={MOST} required value={bench.frames.count.peek()} onFocus={(event) => event.currentTarget.select()} /></label>
        <div class="row">
          <button type="button" class="btn ghost" onClick={() => (bench.ui.form.value = null)}>{bench.say("cancel")}</button>
          <button type="button" class="btn end" onClick={() => send(-1)}>{bench.say("propagate_back")}</button>
          <button class="btn primary">{bench.say("propagate_on")}</button>
        </div>
      </form>
    </div>
  );
}
