/** Builds what the browser loads into the folder named first (dist/build without one): the workbench, one script per page that needs one, and htmx. */
import { build } from "esbuild";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";

const OUT = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "dist/build";
const WORKBENCH = ["src/workbench/main.ts", "src/workbench/main.tsx"].find((path) => existsSync(path));

const pages = existsSync("src/pages") ? (await readdir("src/pages")).filter((name) => /\.tsx?$/.test(name)) : [];
await mkdir(OUT, { recursive: true });
const entries = [
  ...(WORKBENCH ? [{ in: WORKBENCH, out: "workbench" }] : []),
  ...pages.map((name) => ({ in: `src/pages/${name}`, out: name.replace(/\.tsx?$/, "") })),
];
if (entries.length) {
  await build({
    entryPoints: entries,
    outdir: OUT,
    bundle: true,
    minify: !process.argv.includes("--debug"),
    sourcemap: process.argv.includes("--debug") ? "inline" : false,
    format: "esm",
    target: ["es2022"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
}
await copyFile("node_modules/htmx.org/dist/htmx.min.js", `${OUT}/htmx.js`);
for (const name of [...entries.map((entry) => entry.out), "htmx"]) {
  const bytes = await readFile(`${OUT}/${name}.js`);
  console.log(`${name}.js ${(bytes.length / 1024).toFixed(1)} kB, ${(gzipSync(bytes).length / 1024).toFixed(1)} kB gzip`);
}
