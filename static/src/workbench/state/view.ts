/** How the picture and the list of objects are shown: never stored, never part of an answer. */

export type Sort = "drawn" | "label" | "size";

export interface View {
  /** 1 is the picture as it is. */
  brightness: number;
  contrast: number;
  invert: boolean;
}
export const PLAIN: View = { brightness: 1, contrast: 1, invert: false };
const [LEAST, MOST] = [0.2, 4];

export function isPlain(view: View): boolean {
  return view.brightness === 1 && view.contrast === 1 && !view.invert;
}

/** One step brighter or darker, harder or softer; a step back gives exactly what was. */
export function stepped(view: View, which: "brightness" | "contrast", by: 1 | -1): View {
  const step = Math.round(Math.log(view[which]) / Math.log(1.15)) + by;
  const value = Math.min(Math.max(Number((1.15 ** step).toFixed(4)), LEAST), MOST);
  return { ...view, [which]: value };
}

/** As CSS writes a filter; "none" for the picture as it is. */
export function filterOf(view: View): string {
  if (isPlain(view)) return "none";
  return `brightness(${view.brightness}) contrast(${view.contrast})${view.invert ? " invert(1)" : ""}`;
}
