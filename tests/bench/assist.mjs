/** How near each way from a box to an outline comes to the truth. Argument: the folder that assist.py filled. Prints JSON. */
import { readFileSync } from "node:fs";
import { cutOut } from "../../static/src/workbench/assist/cut.ts";
import { fitted, framed, outlineIn } from "../../static/src/workbench/assist/outline.ts";
import { outlines } from "../../static/src/workbench/geometry/contour.ts";
import { cut, iou, tight } from "../../static/src/workbench/geometry/raster.ts";
import { Chance } from "../js/chance.ts";
import { around, bare, ellipse, threshold, watershed } from "./assist_rivals.ts";

const folder = process.argv[2];
const only = process.argv[3];
const images = JSON.parse(readFileSync(`${folder}/index.json`, "utf8"));
const METHODS = { "the box itself": bare, "ellipse in the box": ellipse, "threshold (Otsu)": threshold, watershed, "closed live-wire": around, "graph cut": cutOut };
const ways = Object.fromEntries(Object.entries(METHODS).filter(([name]) => !only || name === only));

const JITTERS = [0, 0.05, 0.1];
const found = Object.fromEntries(Object.keys(ways).map((name) => [name, JITTERS.map(() => ({ scores: [], times: [] }))]));
const vertices = [];
for (const image of images) {
  const data = new Uint8ClampedArray(readFileSync(`${folder}/${image.pixels}`));
  const picture = { w: image.w, h: image.h };
  const whole = { ...picture, data };
  image.masks.forEach((file, number) => {
    if (number % 5 === 0) return; // the settings of the cut were chosen on these
    const all = { x: 0, y: 0, ...picture, data: new Uint8Array(readFileSync(`${folder}/${file}`)) };
    const box = tight(all);
    if (!box || box.w * box.h < 64) return; // specks
    const truth = cut(all, box);
    vertices.push(outlines(truth, 2, 4)[0].ring.length);
    JITTERS.forEach((jitter, j) => {
      const chance = new Chance(number * 7919 + j);
      const off = (side) => chance.between(-1, 1) * Math.max(jitter * side, jitter ? 1 : 0);
      const [left, right, top, bottom] = [off(box.w), off(box.w), off(box.h), off(box.h)];
      const x = Math.max(box.x + left, 0), y = Math.max(box.y + top, 0);
      const drawn = { x, y, w: Math.min(box.x + box.w + right, picture.w) - x, h: Math.min(box.y + box.h + bottom, picture.h) - y };
      for (const [name, method] of Object.entries(ways)) {
        const began = spent();
        const frame = framed(drawn, picture);
        const patch = fitted(whole, frame);
        const scale = frame.w / patch.w;
        const inner = { x: (drawn.x - frame.x) / scale, y: (drawn.y - frame.y) / scale, w: drawn.w / scale, h: drawn.h / scale };
        const raster = method(patch, inner);
        found[name][j].times.push(spent() - began);
        const back = raster && (scale === 1 ? { ...raster, x: frame.x, y: frame.y } : larger(raster, frame, scale));
        found[name][j].scores.push(back ? iou(back, truth) : 0);
      }
    });
  });
}

function larger(raster, frame, scale) {
  const made = { ...frame, data: new Uint8Array(frame.w * frame.h) };
  for (let y = 0; y < frame.h; y++) {
    for (let x = 0; x < frame.w; x++) made.data[y * frame.w + x] = raster.data[Math.min(Math.floor((y + 0.5) / scale), raster.h - 1) * raster.w + Math.min(Math.floor((x + 0.5) / scale), raster.w - 1)];
  }
  return made;
}

/** Milliseconds of the processor: what else the machine does meanwhile does not count. */
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The time for a box of which 512 × 512 pixels are looked at. */
function large() {
  const image = images.find(({ w, h }) => w >= 512 && h >= 512);
  const data = new Uint8ClampedArray(readFileSync(`${folder}/${image.pixels}`));
  const frame = { x: 0, y: 0, w: 512, h: 512 };
  const times = Array.from({ length: 9 }, () => {
    const began = spent();
    outlineIn(fitted({ w: image.w, h: image.h, data }, frame), frame, { x: 85, y: 85, w: 340, h: 340 }, 1);
    return spent() - began;
  });
  return at(times, 0.5);
}

const mean = (all) => all.reduce((a, b) => a + b, 0) / all.length;
const at = (all, share) => all.toSorted((a, b) => a - b)[Math.min(Math.floor(all.length * share), all.length - 1)];
const round = (value, digits = 3) => Number(value.toFixed(digits));
console.log(JSON.stringify({
  nuclei: vertices.length, images: images.length,
  vertices: { mean: round(mean(vertices), 1), median: at(vertices, 0.5) },
  large: round(large(), 0),
  methods: Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, runs.map(({ scores, times }, j) => ({
    jitter: JITTERS[j], mean: round(mean(scores)), median: round(at(scores, 0.5)), good: round(scores.filter((one) => one >= 0.85).length / scores.length, 2),
    usable: round(scores.filter((one) => one >= 0.7).length / scores.length, 2), ms: round(mean(times), 1), p95: round(at(times, 0.95), 1),
  }))])),
}));
