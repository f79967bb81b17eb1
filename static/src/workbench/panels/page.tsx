/** The whole page: bar, tools, stage, side. */
import type { Bench } from "../bench.ts";
import { ItemAttributes } from "./attributes.tsx";
import { Finder } from "./finder.tsx";
import { Mine } from "./mine.tsx";
import { Safety } from "./safety.tsx";
import { Help } from "./help.tsx";
import { Labels } from "./labels.tsx";
import { Objects } from "./objects.tsx";
import { Words } from "./review.tsx";
import { Changes } from "./round.tsx";
import { SidesList } from "./sides.tsx";
import { SuggestionList } from "./suggestions.tsx";
import { TextLabels } from "../text/labels.tsx";
import { TextObjects } from "../text/list.tsx";
import { Middle } from "./stage.tsx";
import { Strip } from "./strip.tsx";
import { Tools } from "./tools.tsx";
import { Top } from "./top.tsx";

/** A click on a button leaves the focus where the work is, so that Tab and the arrows go on meaning the picture. */
function keepFocus(event: MouseEvent): void {
  if ((event.target as Element).closest("button")) event.preventDefault();
}

export function Page({ bench }: { bench: Bench }) {
  const bundle = bench.desk.bundle.value;
  const phase = bench.desk.phase.value.name;
  const shown = bundle && (phase === "working" || phase === "sending" || phase === "loading");
  return (
    <div class="wb" data-phase={phase} data-item={bundle?.item.id} data-asks={shown && !bench.hasPicture && !bench.text.marks && bench.choice ? "" : undefined} onMouseDown={keepFocus}>
      <Top bench={bench} />
      <Tools bench={bench} />
      <Middle bench={bench} />
      <aside class="side" aria-label={bench.say("objects")} data-region inert={phase !== "working"}>
        {shown && (
          <>
            {bench.hasText ? <TextLabels bench={bench} /> : <Labels bench={bench} />}
            <div class="rest">
              <ItemAttributes bench={bench} />
              <SidesList bench={bench} />
              <Words bench={bench} />
              <Changes bench={bench} />
              <SuggestionList bench={bench} />
              {bench.hasText ? <TextObjects bench={bench} /> : <Objects bench={bench} />}
            </div>
          </>
        )}
      </aside>
      <Strip bench={bench} />
      <Help bench={bench} />
      <Safety bench={bench} />
      <Finder bench={bench} />
      <Mine bench={bench} />
    </div>
  );
}
