/** Relations as arcs over the words: from the head's letters to the tail's, an arrow at the tail, the name on top. */

export interface End {
  x: number;
  y: number;
}
export interface Arc {
  id: string;
  name: string;
  colour: string;
  from: End;
  to: End;
  on: boolean;
}
const SVG = "http://www.w3.org/2000/svg";

function element<K extends keyof SVGElementTagNameMap>(kind: K, attributes: Record<string, string | number>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** The curve and its highest point. Ends of one line are joined above it, ends of two lines by a curve between them. */
export function curve(from: End, to: End): { path: string; top: End } {
  const lift = from.y === to.y ? Math.min(12 + Math.abs(to.x - from.x) * 0.06, 26) : 22;
  const high = Math.min(from.y, to.y) - lift;
  const [a, b] = from.y === to.y ? [high, high] : [from.y - lift, to.y - lift];
  const lean = (to.x - from.x) * 0.15;
  const controls = [from.x + lean, a, to.x - lean, b] as const;
  const mid = (p: number, c: number, d: number, q: number): number => (p + 3 * c + 3 * d + q) / 8;
  return {
    path: `M${from.x} ${from.y}C${controls.join(" ")} ${to.x} ${to.y}`,
    top: { x: mid(from.x, controls[0], controls[2], to.x), y: mid(from.y, a, b, to.y) },
  };
}

/** Places that names have taken. */
interface Named extends End {
  width: number;
}

/** About the width of a name in pixels. */
function widthOf(name: string): number {
  return [...name].reduce((sum, sign) => sum + (sign > "\u2e80" ? 10 : 6.2), 0);
}

/** Where the name stands: on top of an arc of one line, over the upper end of one between lines, where no words are; beside names that are there. */
export function nameAt(from: End, to: End, top: End, width: number, named: Named[]): End {
  const upper = from.y <= to.y ? from : to;
  const place = from.y === to.y ? { x: top.x, y: top.y + 3 } : { x: Math.max(upper.x, width / 2), y: upper.y - 7 };
  const meets = (one: Named): boolean => Math.abs(one.y - place.y) < 11 && Math.abs(one.x - place.x) < (one.width + width) / 2 + 7;
  for (let tries = 0; tries < 8; tries++) {
    const there = named.find(meets);
    if (!there) break;
    place.x = there.x + (there.width + width) / 2 + 8;
  }
  named.push({ ...place, width });
  return place;
}

export class Arcs {
  readonly element = element("svg", { class: "arcs", "aria-hidden": "true" });
  private readonly rubber = element("path", { class: "rubber" });

  draw(arcs: readonly Arc[]): void {
    const named: Named[] = [];
    this.element.replaceChildren(...arcs.map((arc) => this.arc(arc, named)), this.rubber);
  }

  /** A line that follows the hand, or none. */
  follow(from: End | null, to: End | null): void {
    this.rubber.setAttribute("d", from && to ? `M${from.x} ${from.y}L${to.x} ${to.y}` : "");
    if (!this.rubber.isConnected) this.element.append(this.rubber);
  }

  private arc({ id, name, colour, from, to, on }: Arc, named: Named[]): SVGGElement {
    const { path, top } = curve(from, to);
    const group = element("g", { class: `arc${on ? " m-on" : ""}${from.y === to.y ? "" : " far"}`, "data-id": id });
    group.style.setProperty("--c", colour);
    const down = Math.atan2(to.y - top.y, (to.x - top.x) * 0.35);
    const wing = (turn: number): string => `${to.x - 7 * Math.cos(down + turn)} ${to.y - 7 * Math.sin(down + turn)}`;
    const place = nameAt(from, to, top, widthOf(name), named);
    const text = element("text", { x: place.x, y: place.y, "text-anchor": "middle" });
    text.textContent = name;
    group.append(
      element("path", { class: "arc-wide", d: path }), element("path", { class: "arc-line", d: path }),
      element("path", { class: "arc-head", d: `M${wing(0.45)}L${to.x} ${to.y}L${wing(-0.45)}Z` }),
      element("circle", { class: "arc-foot", cx: from.x, cy: from.y, r: 2.5 }), text,
    );
    return group;
  }
}
