/** The switches of the mask tools and of the quick outline, beside the picture while such a tool is in the hand. */
import type { Bench } from "../bench.ts";
import { labelOf } from "../state/schema.ts";
import { refined } from "../actions/outlining.ts";
import { shapeOf } from "../shapes/shape.ts";
import { Act } from "./parts.tsx";

const TOOLS = new Set(["brush", "eraser", "fill", "outline"]);

/** Whether the switches would lie over what is worked on: then they go to the top. */
function covering({ store, viewport }: Bench): boolean {
  const object = store.current.value;
  const bounds = object && shapeOf(object)?.bounds(object);
  if (!bounds) return false;
  const [{ x, y }, low] = [viewport.toScreen(bounds), viewport.toScreen({ x: bounds.x, y: bounds.y + bounds.h }).y];
  return low > viewport.stage.h - 110 && y > 110 && x < viewport.stage.w - 240;
}

export function MaskBar({ bench }: { bench: Bench }) {
  const { ui, store } = bench;
  const tool = ui.tool.value;
  const kind = store.current.value?.kind;
  if (!bench.working || !bench.hasPicture || store.frozen.value || !TOOLS.has(tool)) return null;
  const { size, apart, tolerance, makes } = ui.painting;
  const kinds = labelOf(bench.schema, ui.label.value)?.kinds ?? [];
  const paints = tool === "brush" || tool === "eraser";
  return (
    <div class={`float ${covering(bench) ? "at" : "bl"} row paintbar`} role="group" aria-label={bench.say("mask_tools")}>
      {paints && (
        <label class="row" title="[ ]"><span>{bench.say("brush_size")}</span>
          <input type="range" min="0" max="100" value={Math.round(Math.log(size.value) * (100 / Math.log(1000)))}
            aria-valuetext={`${size.value} px`} onInput={(event) => (size.value = Math.max(1, Math.round(Math.exp((event.currentTarget.valueAsNumber * Math.log(1000)) / 100))))} />
          <span class="num nw">{size.value} px</span>
        </label>
      )}
      {tool !== "outline" && (
        <label class="row"><input type="checkbox" checked={apart.value} onChange={(event) => (apart.value = event.currentTarget.checked)} />{bench.say("keep_apart")}</label>
      )}
      {tool === "outline" && kinds.includes("mask") && kinds.includes("polygon") && (
        <label class="row"><span>{bench.say("outline_makes")}</span>
          <select value={makes.value} onChange={(event) => (makes.value = event.currentTarget.value as "polygon" | "mask")}>
            <option value="polygon">{bench.say("kind_polygon")}</option><option value="mask">{bench.say("kind_mask")}</option>
          </select>
        </label>
      )}
      {(tool === "outline" || kind === "mask") && kinds.includes("polygon") && (
        <label class="row"><span>{bench.say("tolerance")}</span>
          <input type="number" min="0" max="20" step="0.25" value={tolerance.value} onChange={(event) => (tolerance.value = Math.min(Math.max(event.currentTarget.valueAsNumber || 0, 0), 20))} />
        </label>
      )}
      {refined(bench) && <span class="q">{bench.say("outline_refine")}</span>}
      {(kind === "mask" || kind === "polygon") && <Act bench={bench} name="convert" class="btn ghost small" keyed={false}>{bench.say(kind === "mask" ? "to_polygon" : "to_mask")}</Act>}
      {kind === "mask" && <Act bench={bench} name="fill_holes" class="btn ghost small" keyed={false} />}
    </div>
  );
}
