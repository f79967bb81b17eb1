/** One's own last answers: D goes back through them, each shown as it was given; one can be taken back until a reviewer has opened it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { clockTime } from "../actions/keeping.ts";
import { chord } from "../actions/keys.ts";
import type { Bench } from "../bench.ts";
import { useDialog } from "./dialog.ts";
import { Icon, Keys } from "./parts.tsx";
import { Preview } from "./preview.tsx";
import type { Answered } from "../sync/phase.ts";
import { feedbackWords } from "../words_keeping.ts";

export function Mine({ bench }: { bench: Bench }) {
  return bench.ui.mine.value ? <Sheet bench={bench} /> : null;
}

function Sheet({ bench }: { bench: Bench }) {
  const dialog = useDialog();
  const list = useRef<HTMLUListElement>(null);
  const [rows, setRows] = useState<Answered[] | null>(null);
  const [wrong, setWrong] = useState("");
  const [refused, setRefused] = useState("");
  const [at, setAt] = useState(0);
  const close = (): void => void (bench.ui.mine.value = false);
  useEffect(() => {
    bench.desk.mine().then(setRows, (error: Error) => setWrong(error.message === "offline" ? bench.say("offline_long") : error.message));
  }, []);
  useLayoutEffect(() => { // before the next key can come
    const row = list.current?.children[at] as HTMLElement | undefined;
    row?.focus();
    setRefused("");
  }, [at, rows]);
  const take = (row: Answered | undefined): void => {
    if (!row) return;
    if (!row.reopen) return setRefused(bench.say("mine_cannot", { why: bench.say(`mine_shut.${row.shut}`) }));
    close();
    setTimeout(() => void bench.desk.reopen(row.task));
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { d: 1, arrowdown: 1, f: -1, arrowup: -1 }[chord(event)];
    if (step && rows?.length) setAt(Math.min(Math.max(at + step, 0), rows.length - 1));
    else if (chord(event) === "enter" && (event.target as Element).tagName !== "BUTTON") take(rows?.[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const state = (row: Answered): string => bench.say(row.reopen ? "mine_open" : `mine_shut.${row.shut}`);
  const here = rows?.[at];
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="mine-title" onClose={close} onKeyDown={pressed} onClick={(event) => event.target === dialog.current && close()}>
      <header class="row"><h2 id="mine-title">{bench.say("do.previous")}</h2>
        <button type="button" class="btn ghost icon small end" aria-label={bench.say("close")} onClick={close}><Icon name="x" /></button></header>
      <p class="q s pad" role="status">{wrong || refused || bench.say(rows ? (rows.length ? "mine_text" : "mine_none") : "mine_loading")}</p>
      <div class="mine-both">
        <ul class="mine" ref={list} aria-label={bench.say("do.previous")}>
          {rows?.map((row, index) => (
            <li key={`${row.task} ${row.annotation_id}`} tabIndex={index === at ? 0 : -1} aria-current={index === at} onClick={() => setAt(index)} onDblClick={() => take(row)}>
              <img src={row.thumb} alt="" width={64} height={48} loading="lazy" onError={(event) => (event.currentTarget.hidden = true)} />
              <span class="grows"><b class="cut">{row.key}</b><span class="q">{clockTime(bench, Date.parse(row.answered_at))} · {row.feedback ? bench.say(row.feedback.errors.length ? "told_some" : "told_right", feedbackWords(bench.say, row.feedback)) : state(row)}</span></span>
            </li>
          ))}
        </ul>
        {here && (
          <section class="stack">
            <Preview key={here.annotation_id} bench={bench} row={here} />
            {here.reopen && <button type="button" class="btn" onClick={() => take(here)}>{bench.say("mine_take")}<Keys keys="enter" /></button>}
          </section>
        )}
      </div>
    </dialog>
  );
}
