/** The toolbar at the left: the same actions as the keys. */
import type { Bench } from "../bench.ts";
import { shown } from "../actions/keys.ts";
import { keysOf } from "../actions/keymap.ts";
import { actionNamed } from "../actions/table.ts";
import { Icon } from "./parts.tsx";

function Tool({ bench, name, icon, pressed, soft }: { bench: Bench; name: string; icon: string; pressed?: boolean; soft?: boolean }) {
  const action = actionNamed(name);
  const word = `${bench.say(`do.${name}`)} (${shown(keysOf(action)[0] ?? "").join("+")})`;
  const short = keysOf(action)[0]?.length === 1 ? keysOf(action)[0]!.toUpperCase() : "";
  return (
    <button type="button" class={soft ? "tool soft" : "tool"} aria-label={word} title={word} disabled={action.when?.(bench) === false}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })} onClick={() => action.run(bench)}>
      <Icon name={icon} />{short && <i aria-hidden="true">{short}</i>}
    </button>
  );
}

/** Tools that draw, with their icons: only those that a label of this schema is drawn with. */
const DRAWN: readonly [string, string][] = [
  ["box", "box"], ["extreme", "box-four"], ["rotated", "box-turned"], ["polygon", "poly"], ["hole", "hole"], ["polyline", "path"], ["point", "point"], ["keypoints", "skeleton"], ["brush", "brush"], ["eraser", "eraser"], ["fill", "fill"], ["outline", "magic"], ["split", "cut"],
];

export function Tools({ bench }: { bench: Bench }) {
  const tool = bench.ui.tool.value;
  return (
    <div class="tools" role="toolbar" aria-orientation="vertical" aria-label={bench.say("tools")} data-region>
      {bench.hasPicture && (
        <>
          <Tool bench={bench} name="select_tool" icon="cursor" pressed={tool === "select"} />
          {DRAWN.filter(([name]) => actionNamed(`${name}_tool`).when?.(bench) !== false || tool === name).map(([name, icon]) => (
            <Tool key={name} bench={bench} name={`${name}_tool`} icon={icon} pressed={tool === name} />
          ))}
          <hr />
          <Tool bench={bench} name="fit" icon="fit" />
          <Tool bench={bench} name="zoom_object" icon="zoom" />
          <Tool bench={bench} name="names" icon="tag" soft pressed={bench.ui.names.value} />
        </>
      )}
      <span class="end" />
      {bench.kind !== "review" && <Tool bench={bench} name="previous" icon="left" />}
      <Tool bench={bench} name="undo" icon="undo" />
      <Tool bench={bench} name="redo" icon="redo" />
      <Tool bench={bench} name="help" icon="help" pressed={bench.ui.help.value} />
    </div>
  );
}
