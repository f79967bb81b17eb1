/** Keys as text: "ctrl+shift+z", "tab", "?", "arrowleft". ⌘ counts as Ctrl. A sign that Shift makes ("?") is named by itself. */
export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  /** Where the key is on the board, whatever the layout prints on it. */
  code?: string;
}

/** The row of digits is digits on every layout (French types & there), and letters of other scripts are those of their place. */
function signOf({ key, code = "", shiftKey }: Pressed): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
  if (digit && !shiftKey && key.length === 1) return digit[1]!;
  const letter = /^Key([A-Z])$/.exec(code);
  if (letter && key.length === 1 && key > "\u024f") return letter[1]!;
  return key;
}

export function chord(event: Pressed): string {
  const key = signOf(event).toLowerCase();
  const sign = key.length === 1 && key.toUpperCase() === key; // neither a letter nor a named key
  return [
    (event.ctrlKey || event.metaKey) && "ctrl",
    event.altKey && "alt",
    event.shiftKey && !sign && "shift",
    key === " " ? "space" : key,
  ].filter(Boolean).join("+");
}

const SHOWN: Record<string, string> = {
  ctrl: "Ctrl", alt: "Alt", shift: "Shift", tab: "Tab", escape: "Esc", delete: "Del", insert: "Ins", enter: "↵", space: "Space",
  home: "Home", pageup: "PgUp", pagedown: "PgDn", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓", backspace: "Bksp",
};

/** How a key is shown to a person: ["Ctrl", "Z"]. */
export function shown(keys: string): string[] {
  return keys.split(/\+(?=.)/).map((part) => SHOWN[part] ?? part.toUpperCase());
}

const NAMED: Record<string, string> = { ctrl: "Control", alt: "Alt", shift: "Shift", space: "Space" };

/** How a key is told to a screen reader, by the rules of `aria-keyshortcuts`: "Control+Shift+Z". */
export function spoken(keys: string): string {
  const name = (part: string): string => part.replace(/^arrow./, (start) => `Arrow${start.at(-1)!.toUpperCase()}`).replace(/^./, (first) => first.toUpperCase());
  return keys.split(/\+(?=.)/).map((part) => NAMED[part] ?? name(part)).join("+");
}

/** Whether typing goes into a field, so that only chords with Ctrl, function keys and Escape are for the page. */
export function typing(target: EventTarget | null): boolean {
  const element = target as { tagName?: string; type?: string; isContentEditable?: boolean } | null;
  if (!element?.tagName) return false;
  if (element.tagName === "INPUT") return !["checkbox", "radio", "button", "submit"].includes(element.type ?? "");
  return element.tagName === "TEXTAREA" || element.tagName === "SELECT" || element.isContentEditable === true;
}
