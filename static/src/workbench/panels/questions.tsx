/** What this person asked about the item on the desk, and what they were told. */
import type { Bench } from "../bench.ts";

export function Questions({ bench }: { bench: Bench }) {
  const asked = bench.desk.bundle.value?.questions ?? [];
  if (!asked.length) return null;
  return (
    <div class="stack questions">
      {asked.map((one) => (
        <div class="note info s" key={one.id}>
          <span><span class="q">{bench.say("you_asked")}:</span> {one.text}
            {one.answer && <><br /><b>{one.answered_by ? bench.say("answered_by", { name: one.answered_by }) : bench.say("answered")}:</b> {one.answer}</>}
          </span>
        </div>
      ))}
    </div>
  );
}
