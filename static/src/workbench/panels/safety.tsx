/** What stands between a person and losing work, said where it happens: signed out, idle, two drafts, work that was kept. */
import { useEffect, useState } from "preact/hooks";
import { clockTime, copyWork, inWords } from "../actions/keeping.ts";
import type { Bench } from "../bench.ts";
import type { Choice } from "../sync/keeper.ts";
import type { AnnotationDocument } from "../sync/bundle.ts";
import { asText, copyText } from "../sync/leaving.ts";
import { useDialog } from "./dialog.ts";
import { Icon } from "./parts.tsx";

export function Safety({ bench }: { bench: Bench }) {
  return (
    <>
      <SignedOut bench={bench} />
      <Idle bench={bench} />
      {bench.keeper.choice.value && <Choose bench={bench} choice={bench.keeper.choice.value} />}
      {bench.ui.kept.value && <Kept bench={bench} />}
    </>
  );
}

function SignedOut({ bench }: { bench: Bench }) {
  const who = bench.session.who.value;
  if (who === "same") return null;
  if (who === "other") {
    return (
      <div class="cover" role="alertdialog" aria-labelledby="other-title"><div class="empty"><Icon name="warn" /><h2 id="other-title">{bench.say("other_title")}</h2>
        <p>{bench.say("other_text", { name: bench.config.person.name })}</p>
        <div class="row"><button type="button" class="btn primary" onClick={() => location.reload()}>{bench.say("other_go")}</button></div></div></div>
    );
  }
  return (
    <div class="float notice warn row" role="alert"><Icon name="warn" /><span><b>{bench.say("signed_out")}</b> {bench.say("signed_out_text")}</span>
      <a class="btn small primary" href="/sign-in?next=/account" target="_blank" rel="opener">{bench.say("sign_in")}</a>
      <button type="button" class="btn small" onClick={() => void bench.session.check()}>{bench.say("signed_in_check")}</button></div>
  );
}

function Idle({ bench }: { bench: Bench }) {
  const renewer = bench.desk.renewer.value;
  return renewer?.waning.value && bench.working ? <Countdown bench={bench} until={renewer.ends.value} /> : null;
}

function Countdown({ bench, until }: { bench: Bench; until: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.round((until - now) / 1000));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <div class="float notice warn row"><Icon name="clock" />
      <span><b role="alert">{bench.say("idle")}</b> <span role="timer">{bench.say("idle_text", { time })}</span></span>
      <button type="button" class="btn small primary" onClick={() => bench.desk.beat()}>{bench.say("idle_stay")}</button></div>
  );
}

function Choose({ bench, choice }: { bench: Bench; choice: Choice }) {
  const dialog = useDialog();
  const { document: here } = bench.store;
  const other = choice.other;
  const differs = bench.keeper.compare(choice);
  const later = (): void => void (bench.keeper.choice.value = null);
  const side = (title: string, document: AnnotationDocument, which: "here" | "other", button: string) => (
    <section class="stack"><h3>{title}</h3>
      <p>{bench.say("n_objects", { n: document.objects.length })}</p>
      <div class="row wrap"><button type="button" class="btn" onClick={() => bench.keeper.choose(which)}>{button}</button>
        <button type="button" class="btn ghost small" onClick={() => void copyWork(bench, document)}>{bench.say("copy_work")}</button></div></section>
  );
  return (
    <dialog ref={dialog} class="sheet narrow" aria-labelledby="choose-title" aria-describedby="choose-text" data-choice={choice.from} onClose={later}>
      <header class="row"><h2 id="choose-title">{bench.say(`choose_${choice.from}`)}</h2>
        <button type="button" class="btn ghost icon small end" aria-label={bench.say("choose_later")} onClick={later}><Icon name="x" /></button></header>
      <div class="stack pad"><p id="choose-text">{bench.say(`choose_${choice.from}_text`, { time: choice.at ? clockTime(bench, choice.at) : "" })}</p>
        <p class="q">{bench.say("choose_differs", { what: inWords(bench, differs) })}</p>
        <div class="pair">
          {side(bench.say("choose_here"), here.value, "here", bench.say("choose_keep_here"))}
          {side(bench.say(choice.from === "tab" ? "choose_there" : "choose_browser"), other, "other", bench.say("choose_take_other"))}
        </div>
        <p class="s q">{bench.say("choose_undo")}</p></div>
    </dialog>
  );
}

/** Work in this browser that belongs to other tasks of this person. */
function Kept({ bench }: { bench: Bench }) {
  const dialog = useDialog();
  const [, again] = useState(0);
  const [copied, setCopied] = useState<string | null>(null);
  const close = (): void => void (bench.ui.kept.value = false);
  const entries = bench.keeper.kept();
  return (
    <dialog ref={dialog} class="sheet narrow" aria-labelledby="kept-title" onClose={close}>
      <header class="row"><h2 id="kept-title">{bench.say("do.kept_work")}</h2>
        <button type="button" class="btn ghost icon small end" aria-label={bench.say("close")} onClick={close}><Icon name="x" /></button></header>
      <div class="stack pad"><p class="q">{bench.say(entries.length ? "kept_text" : "kept_none")}</p>
        <ul class="stack s">{entries.map((entry) => (
          <li class="row" key={`${entry.task}/${entry.lease}/${entry.tab}`}>
            <span class="grows"><b>{entry.name}</b> <span class="q">{clockTime(bench, entry.at)}, {bench.say("n_objects", { n: entry.document!.objects.length })}</span></span>
            <button type="button" class="btn small" onClick={async () => setCopied((await copyText(asText(entry.document!))) ? entry.tab : null)}>{bench.say(copied === entry.tab ? "work_copied" : "copy_work")}</button>
            <button type="button" class="btn ghost small" onClick={() => { bench.journal.forget([entry]); again((n) => n + 1); }}>{bench.say("let_it_go")}</button>
          </li>
        ))}</ul></div>
    </dialog>
  );
}
