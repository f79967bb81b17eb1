/** What a person's corrections add: the graph cut after none, one, two … clicks, each at the middle of the largest place where
 * the outline is wrong. Argument: the folder that assist.py filled. Prints JSON. */
import { readFileSync } from "node:fs";
import { begun } from "../../static/src/workbench/assist/cut.ts";
import { fitted, framed } from "../../static/src/workbench/assist/outline.ts";
import { CLICKS, corrected } from "../../static/src/workbench/assist/refine.ts";
import { largest } from "../../static/src/workbench/geometry/flood.ts";
import { cut, iou, tight } from "../../static/src/workbench/geometry/raster.ts";
import { Chance } from "../js/chance.ts";

const [, , folder, chosen = ""] = process.argv;
/** The settings of the clicks were chosen on these; figures are of the others. */
const own = chosen.startsWith("choose");
const clicks = { ...CLICKS, ...(own && chosen.length > 6 ? JSON.parse(chosen.slice(6)) : {}) };
const MOST = 3;
const runs = [0, 0.05, 0.1].map((jitter) => ({ jitter, scores: Array.from({ length: MOST + 1 }, () => []), times: [] }));

for (const image of JSON.parse(readFileSync(`${folder}/index.json`, "utf8"))) {
  const picture = { w: image.w, h: image.h };
  const whole = { ...picture, data: new Uint8ClampedArray(readFileSync(`${folder}/${image.pixels}`)) };
  image.masks.forEach((file, number) => {
    if ((number % 5 === 0) !== own) return;
    const all = { x: 0, y: 0, ...picture, data: new Uint8Array(readFileSync(`${folder}/${file}`)) };
    const box = tight(all);
    if (!box || box.w * box.h < 64) return; // specks
    runs.forEach(({ jitter, scores, times }, j) => {
      const frame = framed(moved(box, jitter, new Chance(number * 7919 + j), picture), picture);
      const drawn = moved(box, jitter, new Chance(number * 7919 + j), picture);
      const patch = fitted(whole, frame);
      const scale = frame.w / patch.w;
      // The truth as it is seen: in the size that is looked at. What lies outside of it counts as missed.
      const truth = { x: 0, y: 0, w: patch.w, h: patch.h, data: new Uint8Array(patch.w * patch.h) };
      for (let y = 0; y < patch.h; y++) for (let x = 0; x < patch.w; x++) truth.data[y * patch.w + x] = all.data[(frame.y + Math.floor((y + 0.5) * scale)) * picture.w + frame.x + Math.floor((x + 0.5) * scale)];
      const exact = cut(all, box);
      const score = (raster) => (raster ? iou(back(raster, frame, scale), exact) : 0);
      let state = begun(patch, { x: (drawn.x - frame.x) / scale, y: (drawn.y - frame.y) / scale, w: drawn.w / scale, h: drawn.h / scale });
      scores[0].push(score(state?.found));
      const marks = [];
      for (let click = 1; click <= MOST; click++) {
        const mark = state && worst(state.found, truth);
        if (mark) {
          marks.push(mark);
          const began = spent();
          state = corrected(state, marks, clicks);
          times.push(spent() - began);
        }
        scores[click].push(score(state?.found));
      }
    });
  });
}

function moved(box, jitter, chance, picture) {
  const off = (side) => chance.between(-1, 1) * Math.max(jitter * side, jitter ? 1 : 0);
  const [left, right, top, bottom] = [off(box.w), off(box.w), off(box.h), off(box.h)];
  const [x, y] = [Math.max(box.x + left, 0), Math.max(box.y + top, 0)];
  return { x, y, w: Math.min(box.x + box.w + right, picture.w) - x, h: Math.min(box.y + box.h + bottom, picture.h) - y };
}

/** The innermost pixel of the largest part that is missing or too much. */
function worst(found, truth) {
  const part = (belongs) => largest({ ...found, data: found.data.map((value, i) => (belongs ? truth.data[i] && !value : value && !truth.data[i]) ? 1 : 0) });
  const size = (raster) => (raster ? raster.data.reduce((sum, one) => sum + one, 0) : 0);
  const [missing, extra] = [part(true), part(false)];
  const belongs = size(missing) >= size(extra);
  const region = belongs ? missing : extra;
  if (!region) return null;
  const { w, h } = region;
  let layer = region.data;
  for (;;) {
    const next = layer.map((value, i) => {
      const x = i % w;
      return value && x && x < w - 1 && layer[i - 1] && layer[i + 1] && layer[i - w] && layer[i + w] ? 1 : 0;
    });
    if (!next.some(Boolean)) break;
    layer = next;
  }
  const left = [...layer.keys()].filter((i) => layer[i]);
  const at = left[Math.floor(left.length / 2)];
  return { x: (at % w) + 0.5, y: Math.floor(at / w) + 0.5, belongs };
}

function back(raster, frame, scale) {
  if (scale === 1) return { ...raster, x: frame.x, y: frame.y };
  const made = { ...frame, data: new Uint8Array(frame.w * frame.h) };
  for (let y = 0; y < frame.h; y++) {
    for (let x = 0; x < frame.w; x++) made.data[y * frame.w + x] = raster.data[Math.min(Math.floor((y + 0.5) / scale), raster.h - 1) * raster.w + Math.min(Math.floor((x + 0.5) / scale), raster.w - 1)];
  }
  return made;
}

function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const mean = (all) => all.reduce((a, b) => a + b, 0) / all.length;
const at = (all, share) => all.toSorted((a, b) => a - b)[Math.min(Math.floor(all.length * share), all.length - 1)];
const round = (value, digits = 3) => Number(value.toFixed(digits));
console.log(JSON.stringify(runs.map(({ jitter, scores, times }) => ({
  jitter, nuclei: scores[0].length, ms: round(mean(times), 1), p95: round(at(times, 0.95), 1),
  after: scores.map((all) => ({ mean: round(mean(all)), usable: round(all.filter((one) => one >= 0.7).length / all.length, 2), good: round(all.filter((one) => one >= 0.85).length / all.length, 2) })),
}))));
