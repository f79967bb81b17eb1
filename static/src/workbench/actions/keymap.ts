/** Which keys an action has for this person: their own, kept on the server, else those of the table. */
import { computed, signal } from "@preact/signals";
import type { Bench } from "../bench.ts";
import type { Problem } from "../../kit/problem.ts";
import { ACTIONS, type Action } from "./table.ts";

export type OwnKeys = Readonly<Record<string, readonly string[]>>;

export const ownKeys = signal<OwnKeys>({});

/** Keys that keep their meaning whatever a person chooses, so that nobody locks themselves out. */
const ALWAYS: OwnKeys = { let_go: ["escape"], submit: ["ctrl+enter"], submit_fix: ["ctrl+enter"], help: ["f1"] };
export const FIXED: ReadonlySet<string> = new Set(["escape", "ctrl+enter", "f1"]);

/** Several rows of one name are one thing in four directions: those stay as they are. */
let counts: Map<string, number> | null = null;
export function mappable({ name }: Action): boolean {
  if (!counts) {
    counts = new Map();
    for (const action of ACTIONS) counts.set(action.name, (counts.get(action.name) ?? 0) + 1);
  }
  return counts.get(name) === 1 && name !== "let_go";
}

export function keysOf(action: Action): readonly string[] {
  const own = mappable(action) ? ownKeys.value[action.name] : undefined;
  if (!own) return action.keys;
  return [...own, ...(ALWAYS[action.name] ?? []).filter((key) => !own.includes(key))];
}

/** Keys that no label may have. */
export const taken = computed<ReadonlySet<string>>(() => new Set(ACTIONS.flatMap((action) => [...keysOf(action)])));

/** Another action that has this key already. Actions that shared a key from the start are never possible together. */
export function ownerOf(chord: string, action: Action): Action | undefined {
  return ACTIONS.find((other) => other.name !== action.name && keysOf(other).includes(chord) && !(action.keys.includes(chord) && other.keys.includes(chord)));
}

/** These keys for this action; whoever had one of them loses it. Null: as in the table again. */
export function remapped(own: OwnKeys, action: Action, keys: readonly string[] | null): OwnKeys {
  const { [action.name]: _, ...rest } = own;
  const next: Record<string, readonly string[]> = { ...rest, ...(keys ? { [action.name]: keys.filter((key) => !FIXED.has(key)) } : {}) };
  for (const chord of keys ?? action.keys) {
    const other = ownerOf(chord, action);
    if (!other || !mappable(other)) continue;
    next[other.name] = keysOf(other).filter((key) => key !== chord && !FIXED.has(key));
  }
  return next;
}

/** Sets them here and on the server; when the server refuses, they stay as they were. */
export async function keepKeys(bench: Bench, next: OwnKeys): Promise<string | null> {
  const before = ownKeys.peek();
  ownKeys.value = next;
  try {
    await bench.client.call("PATCH", "/me", { body: { preferences: { keys: next } } });
    return null;
  } catch (error) {
    ownKeys.value = before;
    return (error as Problem).detail || (error as Error).message;
  }
}
