/** The threshold of a rule as a line in the histogram of its scores: dragged, moved by keys, or typed. What it catches follows at once,
 * from the counts that came with the page. Without script the number field alone does it. */
import { embedded } from "../kit/page.ts";

type Stop = [value: number, x: number, caught: number, bars: number];
interface Stops { stops: Stop[]; at: number; side: "below" | "above"; reached: boolean; now: number; whole: boolean; exact: boolean; text: string; between: string; about: string }

const given = embedded<Stops>("threshold-stops");
const frame = document.querySelector<HTMLElement>("[data-threshold]");
const handle = frame?.querySelector<SVGGElement>("[data-handle]");
const input = document.querySelector<HTMLInputElement>("input[name=threshold]");

function start(given: Stops, frame: HTMLElement, handle: SVGGElement, input: HTMLInputElement): void {
  const { stops } = given;
  const svg = handle.ownerSVGElement!;
  const count = document.querySelector<HTMLElement>("[data-count]");
  const delta = document.querySelector<HTMLElement>("[data-delta]");
  const use = document.querySelector<HTMLButtonElement>("[data-use]");
  const first = input.value;
  const number = new Intl.NumberFormat("en");
  let at = Math.max(0, given.at);

  const fill = (words: string, values: Record<string, string>): string => words.replace(/%\((\w+)\)s/g, (_, name: string) => values[name] ?? "");
  const catches = (score: number, line: number): boolean => (score === line ? given.reached : given.side === "below" ? score < line : score > line);

  /** What is caught at a value: known exactly on an edge, between two numbers elsewhere. */
  function caughtAt(value: number): [number, number] {
    const after = stops.findIndex((stop) => stop[0] >= value);
    if (after >= 0 && stops[after]![0] === value) return [stops[after]![2], stops[after]![2]];
    const ends = [stops[after < 0 ? stops.length - 1 : Math.max(0, after - 1)]![2], stops[after < 0 ? stops.length - 1 : after]![2]];
    return [Math.min(...ends), Math.max(...ends)];
  }

  function said(value: number): string {
    if (value === Number(first)) return number.format(given.now);
    const [low, high] = caughtAt(value);
    const words = low === high ? number.format(low) : fill(given.between, { low: number.format(low), high: number.format(high) });
    return given.exact ? words : fill(given.about, { count: words });
  }

  function show(value: number): void {
    const nearest = stops.reduce((best, stop, place) => (Math.abs(stop[0] - value) < Math.abs(stops[best]![0] - value) ? place : best), 0);
    at = nearest;
    const stop = stops[nearest]!;
    const beside = stops[nearest + (value > stop[0] ? 1 : -1)];
    const x = beside && beside[0] !== stop[0] ? stop[1] + ((value - stop[0]) / (beside[0] - stop[0])) * (beside[1] - stop[1]) : stop[1];
    const words = said(value);
    handle.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
    handle.setAttribute("aria-valuenow", String(value));
    handle.setAttribute("aria-valuetext", fill(given.text, { value: String(value), count: words }));
    if (count) count.textContent = words;
    const [low, high] = caughtAt(value);
    if (delta) {
      const more = low - given.now;
      delta.hidden = value === Number(first) || low !== high || more === 0;
      delta.textContent = `${more > 0 ? "+" : "−"}${number.format(Math.abs(more))}`;
    }
    for (const bar of svg.querySelectorAll<SVGRectElement>("[data-bar]")) {
      const left = Number(bar.dataset.bar) < stop[3];
      bar.setAttribute("class", left === (given.side === "below") ? "f-warn" : "f-water");
    }
    for (const one of document.querySelectorAll<HTMLElement>(".samples [data-score]")) {
      const now = catches(Number(one.dataset.score), value);
      const before = catches(Number(one.dataset.score), Number(first));
      one.classList.toggle("goes-in", now && !before);
      one.classList.toggle("stays-out", !now && before);
    }
    if (use) use.disabled = value === Number(first);
  }

  function to(place: number): void {
    const stop = stops[Math.max(0, Math.min(stops.length - 1, place))]!;
    input.value = String(stop[0]);
    show(stop[0]);
  }

  function nearestTo(event: PointerEvent): number {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM()!.inverse());
    return stops.reduce((best, stop, place) => (Math.abs(stop[1] - point.x) < Math.abs(stops[best]![1] - point.x) ? place : best), 0);
  }

  frame.classList.add("live");
  handle.setAttribute("role", "slider");
  handle.setAttribute("tabindex", "0");
  handle.setAttribute("aria-orientation", "horizontal");
  handle.setAttribute("aria-label", document.querySelector(`label[for="${input.id}"]`)?.textContent?.trim() ?? "");
  handle.setAttribute("aria-valuemin", String(stops[0]![0]));
  handle.setAttribute("aria-valuemax", String(stops.at(-1)![0]));

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    to(nearestTo(event));
  });
  svg.addEventListener("pointermove", (event) => svg.hasPointerCapture(event.pointerId) && to(nearestTo(event)));
  handle.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - 5, PageUp: at + 5, Home: 0, End: stops.length - 1 };
    const place = steps[event.key];
    if (place === undefined) return;
    event.preventDefault();
    to(place);
  });
  input.addEventListener("input", () => input.value && input.checkValidity() && show(Number(input.value)));
  show(Number(first));
}

if (given && given.stops.length > 1 && frame && handle && input) start(given, frame, handle, input);
