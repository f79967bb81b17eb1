/** The middle of the page: the canvas for pictures, the words of a text item, or why there is nothing to work on. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { makeTools } from "../tools/registry.ts";
import { listen } from "../view/pointer.ts";
import { Stage } from "../view/stage.ts";
import { Act, Icon } from "./parts.tsx";
import { AskWhy } from "./forms.tsx";
import { GuidelinesPanel } from "./guidelines.tsx";
import { JudgedNotice } from "./round.tsx";
import { copyWork, goOn } from "../actions/keeping.ts";
import { MaskBar } from "./masks.tsx";
import { Banner } from "./review.tsx";
import { Beside } from "./sides.tsx";
import { Propagate } from "./strip.tsx";
import { Reading } from "../text/reading.tsx";

export function Middle({ bench }: { bench: Bench }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const stage = new Stage(host.current!, bench);
    const tools = makeTools(bench);
    bench.stage = stage;
    const here = bench.desk.bundle.peek();
    if (here) stage.arrived(here);
    const stopTool = bench.ui.tool.subscribe((name) => {
      stage.tool?.cancel();
      stage.tool = tools.get(name) ?? tools.get("select")!;
      host.current!.style.cursor = stage.tool.cursor(null);
    });
    const stopPointer = listen(stage, bench, () => stage.tool!);
    return () => {
      stopTool();
      stopPointer();
      stage.close();
      bench.stage = null;
    };
  }, []);
  const bundle = bench.desk.bundle.value;
  const text = bundle?.item.text;
  return (
    <main class="stagepic" data-beside={bench.ui.beside.value && bench.round.sides.value.names.length > 0 ? "" : undefined}>
      <div class="canvas" ref={host} tabIndex={0} role="application" aria-label={bench.say("stage")} data-region data-picture={bench.ui.picture.value} hidden={!bundle?.media} />
      {typeof text === "string" && <Reading key={bundle!.lease.id} bench={bench} />}
      {bundle && !bundle.media && typeof text !== "string" && <div class="over"><div class="empty"><Icon name="items" /><p>{bench.say("no_picture")}</p></div></div>}
      <Beside bench={bench} />
      <Banner bench={bench} />
      <PictureState bench={bench} />
      <Message bench={bench} />
      {bundle?.media && <Bar bench={bench} />}
      <MaskBar bench={bench} />
      <GuidelinesPanel bench={bench} />
      <AskWhy bench={bench} />
      {bench.ui.form.value === "propagate" && <Propagate bench={bench} />}
      <Veil bench={bench} />
      <JudgedNotice bench={bench} />
    </main>
  );
}

function PictureState({ bench }: { bench: Bench }) {
  const state = bench.ui.picture.value;
  if (!bench.hasPicture || state === "shown" || !bench.working) return null;
  if (state === "loading") return <p class="float waiting late">{bench.say("loading")}</p>;
  return (
    <div class="float waiting row" role="alert"><Icon name="bad" />{bench.say("picture_failed")}
      <button type="button" class="btn small" onClick={() => bench.stage?.retry()}>{bench.say("try_again")}</button></div>
  );
}

function Message({ bench }: { bench: Bench }) {
  const message = bench.ui.message.value;
  return (
    <div class="says" role="status">
      {message && (
        <div class={`float row ${message.tone}`}><Icon name={message.tone === "bad" ? "bad" : message.tone === "warn" ? "warn" : "ok"} /><span>{message.text}</span>
          {message.act && <button type="button" class="btn small" onClick={message.act.run}>{message.act.word}</button>}
          <button type="button" class="btn ghost icon small" aria-label={bench.say("close")} onClick={() => (bench.ui.message.value = null)}><Icon name="x" /></button></div>
      )}
    </div>
  );
}

function Bar({ bench }: { bench: Bench }) {
  const zoom = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (): void => {
      if (zoom.current) zoom.current.textContent = `${Math.round(bench.viewport.scale * 100)} %`;
    };
    show();
    return bench.viewport.watch(show);
  }, []);
  return (
    <div class="float br row">
      <Where bench={bench} />
      <span class="q num zoom" ref={zoom} />
      <Act bench={bench} name="actual" class="btn ghost small" keyed={false}>1:1</Act>
      <Act bench={bench} name="fit" class="btn ghost small" keyed={false}>{bench.say("fit")}</Act>
    </div>
  );
}

function Where({ bench }: { bench: Bench }) {
  const at = bench.ui.pointer.value;
  return at ? <span class="mono nw">{Math.floor(at.x)}, {Math.floor(at.y)}</span> : null;
}

/** Covers the picture when there is nothing to work on, and says what to do next. */
function Veil({ bench }: { bench: Bench }) {
  const phase = bench.desk.phase.value;
  const home = <button type="button" class="btn" onClick={() => void bench.leave()}><Icon name="home" />{bench.say("home")}</button>;
  const again = (word: string) => <button type="button" class="btn primary" onClick={() => void bench.desk.start()}>{bench.say(word)}</button>;
  if (phase.name === "loading") return bench.desk.bundle.value ? null : <div class="over late"><p class="q">{bench.say("loading")}</p></div>;
  if (phase.name === "empty" && bench.config.run) {
    return <Over icon="ok" title={bench.say("run_done_title")} text={bench.say("run_done_text")}><button type="button" class="btn primary" onClick={() => void bench.leave()}>{bench.say("run_result")}</button></Over>;
  }
  if (phase.name === "empty") {
    return <Over icon="ok" title={bench.say("empty_title")} text={bench.say("empty_text")}>{home}{again("look_again")}</Over>;
  }
  if (phase.name === "failed") {
    return <Over icon="warn" title={bench.say("failed_title")} text={phase.offline ? bench.say("offline_long") : phase.why}>{home}{again("try_again")}</Over>;
  }
  if (phase.name === "ended") {
    const kept = phase.kept === false ? bench.say("ended_lost") : bench.say("ended_kept");
    const copy = bench.store.document.value.objects.length > 0 && <button type="button" class="btn" onClick={() => void copyWork(bench, bench.store.document.peek())}>{bench.say("ended_copy")}</button>;
    return <Over icon="clock" title={bench.say("ended_title")} text={`${phase.why || bench.say("ended_time")} ${kept}`}>{home}{copy}<button type="button" class="btn primary" onClick={() => void goOn(bench)}>{bench.say("go_on")}</button></Over>;
  }
  if (phase.name === "sending" && phase.waiting) return <p class="float waiting row" role="alert"><Icon name="warn" />{bench.say("sending_offline")}</p>;
  return null;
}

function Over({ icon, title, text, children }: { icon: string; title: string; text: string; children: ComponentChildren }) {
  return (
    <div class="over" role="alert"><div class="empty"><Icon name={icon} /><h2>{title}</h2><p>{text}</p><div class="row">{children}</div></div></div>
  );
}
