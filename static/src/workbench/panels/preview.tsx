/** An answer as it was given: the picture with its objects, or the words with what was marked in them. To look at only. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bench } from "../bench.ts";
import { titled } from "../../kit/words.ts";
import { labelOf } from "../state/schema.ts";
import type { AnnotationDocument, AttributeValue, SpanObject } from "../sync/bundle.ts";
import type { Answered, Given } from "../sync/phase.ts";
import { paintAnswer } from "../view/answered.ts";

/** Who holds D down passes over many: only where they rest is fetched. */
const REST = 120;
const MOST = 4000; // characters of a text

export function Preview({ bench, row }: { bench: Bench; row: Answered }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [given, setGiven] = useState<Given | null>(null);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => show().catch(() => void (gone || setState("failed"))), REST);
    const show = async (): Promise<void> => {
      const found = await bench.desk.answered(row);
      if (gone) return;
      setGiven(found);
      if (!found || typeof found.text === "string" || !found.width || !found.height) return setState(found ? "shown" : "failed");
      const size = { w: found.width, h: found.height };
      const image = await bench.pictures.get(row.thumb.replace("size=thumb", "size=display"));
      if (gone || !canvas.current) return;
      paintAnswer(canvas.current, bench.pictures.drawn(image), size, { document: found.document, schema: bench.schema, titleOf: (name) => titleOf(bench, name) });
      setState("shown");
    };
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  const what = given ? summary(bench, given.document) : "";
  const text = given?.text;
  return (
    <>
      {typeof text === "string" ? <Text bench={bench} text={text} document={given!.document} /> : (
        <canvas class="answer" ref={canvas} role="img" aria-label={bench.say("mine_picture", { what })} data-answer={state === "shown" ? row.item : undefined} />
      )}
      <p class="s" role="status">{state === "failed" ? bench.say("mine_gone") : what}</p>
    </>
  );
}

function titleOf(bench: Bench, name: string): string {
  const label = labelOf(bench.schema, name);
  return label ? titled(label, bench.config.language) : name;
}

/** "2 × car, 1 × person; weather: rain; usable: yes". */
function summary(bench: Bench, { objects, item }: AnnotationDocument): string {
  const counts = new Map<string, number>();
  for (const { label } of objects) counts.set(label, (counts.get(label) ?? 0) + 1);
  const drawn = [...counts].map(([label, n]) => `${n} × ${titleOf(bench, label)}`).join(", ") || bench.say("n_objects", { n: 0 });
  return [drawn, ...Object.entries(item).map(([name, value]) => said(bench, name, value))].join("; ");
}

/** "weather: rain" in the words of the schema. */
function said(bench: Bench, name: string, value: AttributeValue): string {
  const question = bench.schema.item?.find((one) => one.name === name);
  const word = (one: string): string => {
    const option = question?.options?.find((each) => (typeof each === "string" ? each : each.name) === one);
    return typeof option === "object" ? titled(option, bench.config.language) : one;
  };
  const words = typeof value === "boolean" ? bench.say(value ? "yes" : "no") : (Array.isArray(value) ? value : [String(value)]).map(word).join(", ");
  return `${question ? titled(question, bench.config.language) : name}: ${words}`;
}

function Text({ bench, text, document }: { bench: Bench; text: string; document: AnnotationDocument }) {
  const points = [...text];
  const spans = document.objects.filter((object): object is SpanObject => object.kind === "span");
  return (
    <div class="answer">
      <p dir="auto">{points.slice(0, MOST).join("")}{points.length > MOST && "…"}</p>
      <ul class="s">{spans.map(({ id, label, start, end }) => <li key={id}><b>{titleOf(bench, label)}</b> <bdi>{points.slice(start, end).join("")}</bdi></li>)}</ul>
    </div>
  );
}
