/** Words about the answer: why it came back, comments pinned to objects, and the reviewer's own before a verdict. */
import type { Bench } from "../bench.ts";
import { Icon, Keys, nameOf } from "./parts.tsx";
import { zoomToObject } from "../actions/moving.ts";
import { disputable } from "../actions/asking.ts";
import { addComment } from "../actions/judging.ts";
import { openPins, settle } from "../actions/reviewing.ts";
import { reasonWords } from "./forms.tsx";
import { Next } from "./round.tsx";
import { Questions } from "./questions.tsx";

function GoTo({ bench, id }: { bench: Bench; id: string | null }) {
  const object = id ? bench.store.byId.value.get(id) : undefined;
  if (!object) return null;
  return (
    <button type="button" class="link" onClick={() => { bench.choose(object.id); zoomToObject(bench); }}>{bench.say("pinned_to", { name: nameOf(bench, object) })}</button>
  );
}

export function Words({ bench }: { bench: Bench }) {
  const bundle = bench.desk.bundle.value!;
  const mine = bench.ui.comments.value;
  const pins = openPins(bench);
  const settled = bundle.settled ?? [];
  if (!bundle.comments.length && !mine.length && bench.kind !== "review") return <Questions bench={bench} />;
  return (
    <section class="stack">
      <Questions bench={bench} />
      <div class="row"><h2>{bench.say("comments")} <span class="q">{pins.length + mine.length || ""}</span></h2>{pins.length > 0 && <Next bench={bench} />}</div>
      {bundle.comments.length > 0 && !pins.length && <p class="s m">{bench.say("settled_all")}</p>}
      {bundle.comments.map((comment, index) => !bench.round.settled.value.has(comment.id) && (
        <div class={`note s ${pins[bench.round.at.value]?.id === comment.id ? "on" : ""}`} key={comment.id}>
          <span class="pin" aria-hidden="true">{index + 1}</span>
          <span class="grows"><b>{comment.author ?? bench.say("someone")}</b> <GoTo bench={bench} id={comment.object} /><br />{comment.text}</span>
          <button type="button" class="btn ghost small end" onClick={() => void settle(bench, comment.id)}><Icon name="ok" />{bench.say("settle")}{pins[bench.round.at.value]?.id === comment.id && <Keys keys="shift+x" />}</button>
        </div>
      ))}
      {settled.length > 0 && <h3 class="s q">{bench.say("settled_since")}</h3>}
      {settled.map((comment) => (
        <div class="note good s" key={comment.id}>
          <Icon name="ok" />
          <span class="grows">{comment.text} <GoTo bench={bench} id={comment.object} /><br /><span class="q">{bench.say("settled_by", { name: comment.settled_by ?? bench.say("someone") })}</span></span>
        </div>
      ))}
      {mine.map((comment, index) => (
        <div class="note info s" key={index}>
          <span class="pin" aria-hidden="true">{bundle.comments.length + index + 1}</span>
          <span class="grows"><GoTo bench={bench} id={comment.object} />{comment.at && <span class="q">{bench.say("at_point", { x: Math.round(comment.at[0]), y: Math.round(comment.at[1]) })}</span>} {comment.text}</span>
          <button type="button" class="btn ghost icon small" aria-label={bench.say("remove")} onClick={() => (bench.ui.comments.value = mine.filter((one) => one !== comment))}><Icon name="x" /></button>
        </div>
      ))}
      {bench.kind === "review" && <Write bench={bench} />}
    </section>
  );
}

function Write({ bench }: { bench: Bench }) {
  const text = bench.ui.writing.value;
  const object = bench.store.current.value;
  const place = object ? null : bench.round.place.value;
  const send = (event: Event): void => {
    event.preventDefault();
    addComment(bench);
  };
  return (
    <form class="stack" onSubmit={send}>
      <label class="field"><span class="vh">{bench.say("comment")}</span>
        <textarea id="write-comment" rows={2} value={text} placeholder={place ? bench.say("pin_point", { x: Math.round(place[0]), y: Math.round(place[1]) }) : object ? bench.say("comment_place", { name: nameOf(bench, object) }) : bench.say("comment_free")} onInput={(event) => (bench.ui.writing.value = event.currentTarget.value)} />
      </label>
      {text.trim() && <div class="row"><button class="btn small end">{bench.say("add_comment")}</button></div>}
    </form>
  );
}

/** Over the picture: why this came back, or what the reviewer may do. */
export function Banner({ bench }: { bench: Bench }) {
  const bundle = bench.desk.bundle.value;
  if (!bundle) return null;
  const back = bundle.returned;
  if (back) {
    return (
      <div class="float at row banner warn" role="note"><Icon name="back" />
        <span><b>{back.author ? bench.say("returned_by", { name: back.author }) : bench.say("returned")}</b>{(back.reason || back.reason_key) && <>: {reasonWords(bench, back)}</>}
          {back.dispute && <><br /><b>{bench.say(back.dispute.decided_by ? "upheld_by" : "upheld", { name: back.dispute.decided_by ?? "" })}</b>{back.dispute.answer && <>: {back.dispute.answer}</>}</>}
        </span>
        {disputable(bench) && <button type="button" class="btn small" aria-keyshortcuts="Alt+R" onClick={() => (bench.ui.form.value = "dispute")}>{bench.say("dispute")}<Keys keys="alt+r" /></button>}
      </div>
    );
  }
  if (bench.kind === "adjudicate") return <div class="float at row banner" role="note"><Icon name="split" /><span>{bench.say("adjudicating")}</span></div>;
  if (bench.kind === "review") {
    return <div class="float at row banner" role="note"><Icon name={bench.ui.fixing.value ? "pen" : "review"} /><span>{bench.say(bench.ui.fixing.value ? "fixing" : "reviewing")}</span></div>;
  }
  return null;
}
