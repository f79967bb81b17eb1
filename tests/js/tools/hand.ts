/** A bench without a page: a picture of 200 × 100 fitted one to one, a schema, a document, and a hand to press with. */
import { Bench } from "../../../static/src/workbench/bench.ts";
import "../../../static/src/workbench/shapes/box.ts";
import "../../../static/src/workbench/shapes/mask.ts";
import "../../../static/src/workbench/shapes/outline.ts";
import type { AnyObject, Bundle, Config, SchemaDocument } from "../../../static/src/workbench/sync/bundle.ts";
import "../../../static/src/workbench/tools/all.ts";
import { makeTools } from "../../../static/src/workbench/tools/registry.ts";
import type { Press, Tool } from "../../../static/src/workbench/tools/tool.ts";

export const SCHEMA: SchemaDocument = {
  labels: [
    { name: "car", kinds: ["box", "polygon"] },
    { name: "crate", kinds: ["box"] },
    { name: "road", kinds: ["polygon"] },
    { name: "lane", kinds: ["polyline"] },
    { name: "nose", kinds: ["point"] },
    { name: "person", kinds: ["keypoints"], skeleton: { points: ["head", "hand", "foot"], edges: [[0, 1], [1, 2]] } },
  ],
};

export class Hand {
  readonly bench: Bench;
  private readonly tools: Map<string, Tool>;

  constructor(objects: AnyObject[] = [], label = "car") {
    const config = { queue: { id: 1, name: "q", stage: "annotate" }, person: { id: 1, name: "p" }, language: "en", urls: { api: "/", home: "/" }, csrf: "" };
    this.bench = new Bench(config as Config, (key) => key);
    const { bench } = this;
    bench.desk.phase.value = { name: "working" };
    bench.desk.bundle.value = { schema: { ...SCHEMA, id: 1, number: 1 }, media: { url: "", display: "", thumb: "", width: 200, height: 100 }, item: { id: 1 } } as unknown as Bundle;
    bench.store.load({ objects, item: {} });
    bench.viewport.resize({ w: 248, h: 148 });
    bench.viewport.show({ w: 200, h: 100 });
    (bench as unknown as { picker: { resize(size: object): void } }).picker.resize({ w: 200, h: 100 });
    this.tools = makeTools(bench);
    bench.ui.tool.subscribe((name) => (bench.stage = { tool: this.tools.get(name)!, touch() {} } as unknown as Bench["stage"]));
    bench.takeLabel(label);
  }

  get tool(): Tool {
    return this.bench.stage!.tool!;
  }

  get objects(): AnyObject[] {
    return this.bench.store.document.peek().objects;
  }

  press(x: number, y: number, held: Partial<Press> = {}): Press {
    return { at: { x, y }, screen: this.bench.viewport.toScreen({ x, y }), shift: false, alt: false, ctrl: false, ...held };
  }

  click(x: number, y: number, held: Partial<Press> = {}): this {
    this.tool.move(this.press(x, y, held));
    this.tool.down(this.press(x, y, held));
    this.tool.up(this.press(x, y, held));
    return this;
  }

  drag(from: [number, number], to: [number, number], held: Partial<Press> = {}): this {
    const { tool } = this;
    tool.move(this.press(...from, held));
    tool.down(this.press(...from, held));
    tool.move(this.press((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, held));
    tool.move(this.press(...to, held));
    tool.up(this.press(...to, held));
    return this;
  }

  take(tool: string): this {
    this.bench.take(tool);
    return this;
  }
}

export const boxAt = (id: string, x: number, y: number, w: number, h: number, label = "car"): AnyObject => ({ id, kind: "box", label, box: [x, y, w, h] });
