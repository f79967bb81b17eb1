/** From the mouse to the tools: coordinates, zoom by the wheel, the picture moved by Space or the middle button. */
import type { Bench } from "../bench.ts";
import type { Press, Tool } from "../tools/tool.ts";
import type { Stage } from "./stage.ts";
import { Fingers } from "./touch.ts";

export function listen(stage: Stage, bench: Bench, tool: () => Tool): () => void {
  const { host } = stage;
  const { viewport, ui } = bench;
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let space = false;
  let panning: { x: number; y: number } | null = null;
  let last: Press | null = null;

  const press = (event: PointerEvent | WheelEvent): Press => {
    const box = host.getBoundingClientRect();
    const screen = { x: event.clientX - box.left, y: event.clientY - box.top };
    return { at: viewport.toPicture(screen), screen, shift: event.shiftKey, alt: event.altKey, ctrl: event.ctrlKey || event.metaKey };
  };
  const point = (): void => {
    host.style.cursor = panning ? "grabbing" : space ? "grab" : tool().cursor(last);
    stage.touch();
  };

  const fingers = new Fingers(viewport, () => tool().cancel());

  host.addEventListener("pointerdown", (event) => {
    if (!bench.hasPicture || (event.target as Element).closest(".float")) return;
    host.focus({ preventScroll: true });
    host.setPointerCapture(event.pointerId);
    last = press(event);
    if (event.pointerType === "touch" && fingers.press(event.pointerId, last.screen)) return point();
    if (event.button === 1 || (space && event.button === 0)) {
      panning = last.screen;
      event.preventDefault();
    } else if (event.button === 0 && bench.working) tool().down(last);
    point();
  }, options);
  host.addEventListener("pointermove", (event) => {
    last = press(event);
    if (event.pointerType === "touch" && fingers.move(event.pointerId, last.screen)) return point();
    ui.pointer.value = last.at;
    if (panning) {
      viewport.pan(last.screen.x - panning.x, last.screen.y - panning.y);
      panning = last.screen;
      ui.pointer.value = viewport.toPicture(last.screen); // the same place of the picture, which went along
    } else if (bench.working) tool().move(last);
    point();
  }, options);
  const up = (event: PointerEvent): void => {
    last = press(event);
    if (event.pointerType === "touch" && fingers.lift(event.pointerId)) return point();
    if (panning) panning = null;
    else if (bench.working && event.button === 0) tool().up(last);
    point();
  };
  host.addEventListener("pointerup", up, options);
  host.addEventListener("pointercancel", (event) => {
    fingers.lift(event.pointerId);
    panning = null;
    tool().cancel();
    point();
  }, options);
  host.addEventListener("pointerleave", () => {
    ui.pointer.value = null;
    ui.hovered.value = null;
  }, options);
  host.addEventListener("wheel", (event) => {
    if (!bench.hasPicture) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.shiftKey && !event.ctrlKey) viewport.pan(-(dx || dy), dx ? -dy : 0);
    else viewport.zoomBy(Math.exp(-dy * (event.ctrlKey ? 0.01 : 0.0015)), press(event).screen);
  }, { ...options, passive: false });
  host.addEventListener("auxclick", (event) => event.preventDefault(), options);
  host.addEventListener("contextmenu", (event) => event.preventDefault(), options);

  const spaceKey = (down: boolean) => (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.key !== " " || (down && target !== host && target !== document.body)) return;
    if (down) event.preventDefault();
    space = down;
    point();
  };
  addEventListener("keydown", spaceKey(true), options);
  addEventListener("keyup", spaceKey(false), options);
  addEventListener("blur", () => (space = false), options);
  return () => stop.abort();
}
