/** The two questions before a task leaves without an answer: why it is returned, why it is skipped. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { verdict } from "../actions/judging.ts";

const REASONS = ["loose", "missed", "label", "extra", "attributes"] as const;
const LONGEST = { return: 500, skip: 500 };

export function AskWhy({ bench }: { bench: Bench }) {
  const form = bench.ui.form.value;
  return form ? <Why key={form} bench={bench} form={form} /> : null;
}

function Why({ bench, form }: { bench: Bench; form: "return" | "skip" }) {
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    field.current?.focus();
    return () => (before.current as HTMLElement | null)?.focus?.();
  }, []);
  const send = (): void => {
    if (form === "return" && !reason.trim()) {
      setAsked(true);
      field.current?.focus();
      return;
    }
    bench.ui.form.value = null;
    if (form === "return") verdict(bench, "return", reason.trim());
    else void bench.desk.skip(reason.trim());
  };
  const title = bench.say(form === "return" ? "return_title" : "skip_title");
  return (
    <div class="float ask" role="dialog" aria-label={title}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); send(); }}>
        <h2>{title}</h2>
        {form === "return" ? (
          <div class="row wrap" role="group" aria-label={bench.say("reason")}>
            {REASONS.map((name) => {
              const text = bench.say(`reason.${name}`);
              return <button type="button" class="chip" aria-pressed={reason === text} onClick={() => { setReason(text); setAsked(false); }}>{text}</button>;
            })}
          </div>
        ) : <p class="s m">{bench.say("skip_help")}</p>}
        <label class="field"><span>{bench.say("reason")}</span>
          <input ref={field} type="text" maxLength={LONGEST[form]} value={reason} aria-invalid={asked} onInput={(event) => { setReason(event.currentTarget.value); setAsked(false); }} />
          {asked && <span class="err" role="alert">{bench.say("return_needs")}</span>}
        </label>
        <div class="row">
          <button type="button" class="btn ghost end" onClick={() => (bench.ui.form.value = null)}>{bench.say("cancel")}</button>
          <button class="btn primary">{bench.say(form === "return" ? "return_now" : "skip_now")}</button>
        </div>
      </form>
    </div>
  );
}
