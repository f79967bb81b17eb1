/** What is asked before a task leaves without an answer: why it is returned or skipped, or what one wants to know. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Bench } from "../bench.ts";
import type { Said } from "../state/ui.ts";
import { ask, dispute } from "../actions/asking.ts";
import { verdict } from "../actions/judging.ts";
import { Keys, nameOf } from "./parts.tsx";

const LONGEST = 460;
const OTHER = "other";
/** Keys that reasons began with, in words, before they had a field of their own. */
const FORMER: Record<string, string> = { missing: "missed_object", extra: "extra_object" };

/** Why something came back: the key in the project's words, then what was written. */
export function reasonWords(bench: Bench, { reason, reason_key }: { reason: string; reason_key?: string }): string {
  const known = (key: string): string | undefined => bench.config.return_reasons?.find((one) => one.key === key)?.words;
  if (reason_key) return [known(reason_key) ?? reason_key.replaceAll("_", " "), reason].filter(Boolean).join(": ");
  const [key, ...rest] = reason.split(":");
  const words = known(FORMER[key!] ?? key!);
  return words === undefined ? reason : [words, ...rest].join(":");
}

export function AskWhy({ bench }: { bench: Bench }) {
  const form = bench.ui.form.value;
  if (form === "ask") return <Ask bench={bench} />;
  if (form === "dispute") return <Hold bench={bench} />;
  return form === "return" || form === "skip" ? <Why key={form} bench={bench} form={form} /> : null;
}

/** The focus goes in, and back to where it was. */
export function useFocus<T extends HTMLElement>() {
  const field = useRef<T>(null);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => { // before the next key can come
    before.current = document.activeElement;
    field.current?.focus();
    return () => (before.current as HTMLElement | null)?.focus?.();
  }, []);
  return field;
}

/** What is chosen and typed outlives the form and the tab: only sending, or leaving off on purpose, ends it. */
function useSaid(bench: Bench, form: Said["form"]): [[string, string], (reason: string, words: string) => void] {
  const said = bench.ui.said.value;
  const here = said?.form === form ? said : { reason: "", words: "" };
  return [[here.reason, here.words], (reason, words) => (bench.ui.said.value = { form, reason, words })];
}

function leaveOff(bench: Bench): void {
  bench.ui.form.value = null;
  bench.ui.said.value = null;
}

function Why({ bench, form }: { bench: Bench; form: "return" | "skip" }) {
  const [[reason, words], say] = useSaid(bench, form);
  const setReason = (chosen: string): void => say(chosen, words);
  const setWords = (text: string): void => say(reason, text);
  const [asked, setAsked] = useState(false);
  const first = useFocus<HTMLButtonElement>();
  const field = useRef<HTMLInputElement>(null);
  const [to, setTo] = useState(0);
  const others = form === "return" ? (bench.config.annotators ?? []) : [];
  const returns = form === "return";
  const reasons = bench.config.return_reasons ?? [];
  const choices: readonly string[] = returns ? reasons.map((one) => one.key) : (bench.config.skip_reasons ?? []);
  const said = (name: string): string => (returns ? reasons.find((one) => one.key === name)!.words : name);
  const send = (chosen = reason): void => {
    if (returns && !words.trim() && (!chosen || chosen === OTHER)) {
      setAsked(true);
      return field.current?.focus();
    }
    bench.ui.form.value = null;
    if (returns) verdict(bench, "return", words.trim(), chosen, to);
    else void bench.desk.skip([chosen, words.trim()].filter(Boolean).join(": "));
  };
  /** A digit chooses; the same digit again, or Enter, sends. */
  const pressed = (event: KeyboardEvent): void => {
    const typing = (event.target as Element).matches("input[type=text]");
    const choice = /^[1-9]$/.test(event.key) && !typing ? choices[Number(event.key) - 1] : undefined;
    const enter = event.key === "Enter" && (event.target as Element).matches(".chip");
    if (event.isComposing || (!choice && !enter)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!choice || choice === reason) return send();
    setReason(choice);
    setAsked(false);
  };
  const title = bench.say(returns ? "return_title" : "skip_title");
  return (
    <div class="float ask" role="dialog" aria-label={title} onKeyDown={pressed}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <h2>{title}</h2>
        {!returns && <p class="s m">{bench.say("skip_help")}</p>}
        <div class="stack reasons" role="group" aria-label={bench.say("reason")}>
          {choices.map((name, index) => (
            <button key={name} ref={index ? null : first} type="button" class="chip" aria-pressed={reason === name} onClick={() => { setReason(reason === name ? "" : name); setAsked(false); }}>
              {said(name)}{index < 9 && <Keys keys={String(index + 1)} />}
            </button>
          ))}
        </div>
        <label class="field"><span>{bench.say(returns ? "more_words" : "reason")}</span>
          <input ref={field} type="text" maxLength={LONGEST} value={words} aria-invalid={asked} onInput={(event) => { setWords(event.currentTarget.value); setAsked(false); }} />
          {asked && <span class="err" role="alert">{bench.say("return_needs")}</span>}
        </label>
        {others.length > 0 && (
          <label class="field"><span>{bench.say("return_to")}</span>
            <select value={String(to)} onChange={(event) => setTo(Number(event.currentTarget.value))}>
              <option value="0">{bench.say("its_author")}</option>
              {others.map(({ id, name }) => <option key={id} value={String(id)}>{name}</option>)}
            </select>
          </label>
        )}
        <div class="row">
          <button type="button" class="btn ghost end" onClick={() => leaveOff(bench)}>{bench.say("cancel")}</button>
          <button class="btn primary">{bench.say(returns ? "return_now" : "skip_now")}</button>
        </div>
      </form>
    </div>
  );
}

function Ask({ bench }: { bench: Bench }) {
  const [[, text], say] = useSaid(bench, "ask");
  const setText = (words: string): void => say("", words);
  const [asked, setAsked] = useState(false);
  const field = useFocus<HTMLTextAreaElement>();
  const object = bench.store.current.value;
  // Where the pointer was when the form opened: afterwards it is on the form.
  const [at] = useState(() => {
    const here = bench.ui.pointer.peek();
    return !object && here && bench.hasPicture ? ([Math.round(here.x), Math.round(here.y)] as [number, number]) : null;
  });
  const send = (): void => {
    if (!text.trim()) {
      setAsked(true);
      return field.current?.focus();
    }
    bench.ui.form.value = null;
    void ask(bench, text.trim(), at);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    send();
  };
  return (
    <div class="float ask" role="dialog" aria-label={bench.say("ask_title")} onKeyDown={pressed}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <h2>{bench.say("ask_title")}</h2>
        <p class="s m">{bench.say("ask_help")}</p>
        <label class="field"><span>{bench.say("question")}</span>
          <textarea ref={field} rows={3} maxLength={4000} value={text} aria-invalid={asked} onInput={(event) => { setText(event.currentTarget.value); setAsked(false); }} />
          {asked && <span class="err" role="alert">{bench.say("ask_needs")}</span>}
        </label>
        {(object || at) && <p class="s q">{object ? bench.say("ask_pinned", { name: nameOf(bench, object) }) : bench.say("ask_point")}</p>}
        <div class="row">
          <button type="button" class="btn ghost end" onClick={() => leaveOff(bench)}>{bench.say("cancel")}</button>
          <button class="btn primary">{bench.say("ask_now")}<Keys keys="ctrl+enter" /></button>
        </div>
      </form>
    </div>
  );
}

/** Why returned work should not have come back. */
function Hold({ bench }: { bench: Bench }) {
  const [[, text], say] = useSaid(bench, "dispute");
  const [asked, setAsked] = useState(false);
  const field = useFocus<HTMLTextAreaElement>();
  const send = (): void => {
    if (!text.trim()) {
      setAsked(true);
      return field.current?.focus();
    }
    bench.ui.form.value = null;
    void dispute(bench, text.trim());
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    send();
  };
  return (
    <div class="float ask" role="dialog" aria-label={bench.say("dispute_title")} onKeyDown={pressed}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <h2>{bench.say("dispute_title")}</h2>
        <p class="s m">{bench.say("dispute_help")}</p>
        <label class="field"><span>{bench.say("dispute_why")}</span>
          <textarea ref={field} rows={3} maxLength={4000} value={text} aria-invalid={asked} onInput={(event) => { say("", event.currentTarget.value); setAsked(false); }} />
          {asked && <span class="err" role="alert">{bench.say("dispute_needs")}</span>}
        </label>
        <div class="row">
          <button type="button" class="btn ghost end" onClick={() => leaveOff(bench)}>{bench.say("cancel")}</button>
          <button class="btn primary">{bench.say("dispute_now")}<Keys keys="ctrl+enter" /></button>
        </div>
      </form>
    </div>
  );
}
