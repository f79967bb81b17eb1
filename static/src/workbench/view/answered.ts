/** A given answer on its picture, to look at and not to change: drawn once, as the stage draws it, as large as fits. */
import { shapeOf, type Edges } from "../shapes/shape.ts";
import { colourOf, labelOf } from "../state/schema.ts";
import type { AnnotationDocument, SchemaDocument } from "../sync/bundle.ts";
import { paintObject } from "./paint.ts";

export interface Answer {
  document: AnnotationDocument;
  schema: SchemaDocument;
  titleOf(label: string): string;
}

/** `image` may be a smaller rendition: `size` is that of the original, in which objects are measured. */
export function paintAnswer(canvas: HTMLCanvasElement, image: CanvasImageSource, size: { w: number; h: number }, answer: Answer): void {
  const ratio = devicePixelRatio || 1;
  const box = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  const scale = Math.min(box.width / size.w, box.height / size.h);
  const [left, top] = [(box.width - size.w * scale) / 2, (box.height - size.h * scale) / 2];
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = scale < 3;
  context.drawImage(image, left, top, size.w * scale, size.h * scale);
  for (const object of answer.document.objects) {
    if (!shapeOf(object)) continue;
    const edges = labelOf(answer.schema, object.label)?.skeleton?.edges as Edges | undefined;
    const look = { colour: colourOf(answer.schema, object.label), name: answer.titleOf(object.label), strong: false, faulty: false, guess: false, tagged: true, edges };
    paintObject(context, object, look, ({ x, y }) => ({ x: left + x * scale, y: top + y * scale }));
  }
}
