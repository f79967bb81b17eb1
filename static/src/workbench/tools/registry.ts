/** The tools by name, and which kind of object each draws: what a label's key puts in the hand follows from here. */
import type { Bench } from "../bench.ts";
import type { Kind, Label } from "../sync/bundle.ts";
import type { MakeTool, Tool } from "./tool.ts";

export type ToolName = string;

interface Entry {
  /** What it draws; null for a tool that only works on what is there. */
  kind: Kind | null;
  make: MakeTool;
  /** Kinds that it makes too, where the label asks for them. */
  also: readonly Kind[];
}
const entries = new Map<ToolName, Entry>();

/** The first tool of a kind is the one that its labels get until a person takes another. */
export function registerTool(name: ToolName, kind: Kind | null, make: MakeTool, also: readonly Kind[] = []): void {
  entries.set(name, { kind, make, also });
}

export function makeTools(bench: Bench): Map<ToolName, Tool> {
  return new Map([...entries].map(([name, { make }]) => [name, make(bench)]));
}

export function kindOf(tool: ToolName): Kind | null {
  return entries.get(tool)?.kind ?? null;
}

/** Whether there is a tool to draw the label with. */
export function drawable(label: Label): boolean {
  return [...entries.values()].some(({ kind }) => kind !== null && label.kinds.includes(kind));
}

/** The tool to draw a label with: the one in the hand when it fits, else the one last used for a kind of the label's, else
 * the first of its first kind. `used`: kind to the tool that drew it last. */
export function toolFor(label: Label, current: ToolName, used: ReadonlyMap<Kind, ToolName>): ToolName | null {
  const here = kindOf(current);
  if (here && label.kinds.includes(here)) return current;
  if (entries.get(current)?.also.some((kind) => label.kinds.includes(kind))) return current;
  for (const kind of label.kinds) {
    const last = used.get(kind);
    if (last) return last;
  }
  for (const kind of label.kinds) {
    const first = [...entries].find(([, entry]) => entry.kind === kind);
    if (first) return first[0];
  }
  return null;
}
