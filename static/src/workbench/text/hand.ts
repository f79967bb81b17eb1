/** The mouse over a text: sweeping words, clicking marks, tags and arcs, dragging from tag to tag. */
import type { Bench } from "../bench.ts";
import { Touch } from "./touch.ts";
import type { TextView } from "./view.ts";

/** Pixels after which a press on a tag is a drag. */
const DRAG = 4;

function idOf(target: EventTarget | null, within = ""): string | null {
  return (target as Element | null)?.closest?.<HTMLElement>(`${within}[data-id]`)?.dataset.id ?? null;
}

export function listenToHand(view: TextView, bench: Bench): () => void {
  const { host } = view;
  const ending = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(to: HTMLElement | Window, kind: K, act: (event: HTMLElementEventMap[K]) => void): void =>
    to.addEventListener(kind, act as EventListener, { signal: ending.signal });
  const touch = new Touch(view, bench, ending.signal);
  let pressed: { tag: string | null; x: number; y: number; dragged: boolean } | null = null;

  on(host, "mousedown", (event) => {
    if (event.button !== 0) return;
    const tag = idOf(event.target);
    pressed = { tag, x: event.clientX, y: event.clientY, dragged: false };
    if (!tag) return;
    event.preventDefault(); // no selection begins on a tag
    host.focus({ preventScroll: true });
  });
  on(window, "mousemove", (event) => {
    if (!pressed?.tag || bench.store.frozen.peek() || !bench.text.links.possible) return;
    pressed.dragged ||= Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > DRAG;
    if (!pressed.dragged || bench.store.byId.peek().get(pressed.tag)?.kind !== "span") return;
    bench.ui.hovered.value = idOf(event.target) ?? spanUnder(event);
    view.follow(pressed.tag, event.clientX, event.clientY);
  });
  on(window, "mouseup", (event) => {
    const press = pressed;
    pressed = null;
    if (!press) return;
    if (press.tag) {
      view.follow(null);
      const goal = idOf(event.target, ".marks ") ?? spanUnder(event);
      if (!press.dragged) bench.text.pick(press.tag);
      else if (goal && goal !== press.tag) bench.text.links.join(press.tag, goal);
      return;
    }
    if (touch.down) return touch.tapped(event.clientX, event.clientY);
    // The browser lets go of an old selection only after this event.
    setTimeout(() => swept(event.shiftKey), 0);
  });
  on(host, "mouseover", (event) => {
    if (!pressed) bench.ui.hovered.value = idOf(event.target);
  });
  on(host, "mouseleave", () => (bench.ui.hovered.value = null));
  on(host, "dragstart", (event) => event.preventDefault());

  function spanUnder(event: MouseEvent): string | null {
    const unit = view.unitUnder(event.clientX, event.clientY);
    if (unit === null) return null;
    const point = bench.text.index.peek().toPoint(unit);
    return bench.text.spans.peek().findLast(({ start, end }) => start <= point && point < end)?.id ?? null;
  }

  function swept(extending: boolean): void {
    const native = getSelection();
    if (!native?.anchorNode) return;
    const [anchor, focus] = [view.unitAt(native.anchorNode, native.anchorOffset), view.unitAt(native.focusNode, native.focusOffset)];
    if (focus === null && anchor === null) return;
    const before = bench.text.selected.peek();
    const from = extending && before ? before.anchor : (anchor ?? focus!);
    const to = focus ?? anchor!;
    if (native.isCollapsed && !extending) bench.text.clicked(to);
    else bench.text.swept(from, to);
  }

  return () => ending.abort();
}
