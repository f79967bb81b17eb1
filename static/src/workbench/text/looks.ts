/** Names and colours of relations, which are no labels. */
import { titled } from "../../kit/words.ts";
import type { Bench } from "../bench.ts";
import { colourOf } from "../state/schema.ts";
import type { AnyObject, SchemaDocument } from "../sync/bundle.ts";
import { isRelation } from "./links.ts";

/** Colours are given out from the end, away from those of the labels. */
const COLOURS = ["#5b7c99", "#8a6d3b", "#7a5c8e", "#4e8a7c", "#a05a5a"];

export function relationColour(schema: SchemaDocument, name: string): string {
  const index = (schema.relations ?? []).findIndex((one) => one.name === name);
  return COLOURS[Math.max(index, 0) % COLOURS.length]!;
}

export function relationTitle(bench: Bench, name: string): string {
  const found = (bench.schema.relations ?? []).find((one) => one.name === name);
  return found ? titled(found, bench.config.language) : name;
}

export function colourOfAny(schema: SchemaDocument, object: AnyObject): string {
  return isRelation(object) ? relationColour(schema, object.label) : colourOf(schema, object.label);
}
