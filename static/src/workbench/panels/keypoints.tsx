/** The keypoints of the chosen object by name, each seen, covered or without a place: reachable without the picture. */
import { withVisibility } from "../actions/keypointing.ts";
import type { Bench } from "../bench.ts";
import { rowsOf } from "../shapes/outline.ts";
import { labelOf } from "../state/schema.ts";
import type { AnyObject } from "../sync/bundle.ts";

export function Keypoints({ bench, object }: { bench: Bench; object: AnyObject }) {
  if (object.kind !== "keypoints") return null;
  const names = labelOf(bench.schema, object.label)?.skeleton?.points ?? [];
  return (
    <details class="keypoints">
      <summary>{bench.say("keypoints")}</summary>
      {rowsOf(object).map((row, index) => {
        const name = names[index] ?? String(index + 1);
        return (
          <label key={index} class="at"><span>{name}</span>
            <select value={row[2] ?? 2} disabled={!bench.editable()} onChange={(event) => bench.reshape(withVisibility(object, index, Number(event.currentTarget.value)))}>
              {[0, 1, 2].map((visibility) => <option key={visibility} value={visibility}>{bench.say(`visible.${visibility}`)}</option>)}
            </select>
          </label>
        );
      })}
    </details>
  );
}
