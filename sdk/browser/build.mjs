// Writes browser-sdk.js and browser-sdk.esm.js into the folder that is named. The server embeds what
// is committed there, so building the server needs neither Node.js nor a network.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const MOST_BYTES = 25_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node build.mjs <folder>");
  process.exit(2);
}

for (const [entry, name, format] of [
  ["script.ts", "browser-sdk.js", "iife"],
  ["module.ts", "browser-sdk.esm.js", "esm"],
]) {
  const outfile = path.resolve(folder, name);
  await build({
    absWorkingDir: here,
    entryPoints: [path.join("src", entry)],
    outfile,
    bundle: true,
    minify: true,
    format,
    target: ["es2020", "chrome84", "firefox98", "safari15"],
    charset: "utf8",
    legalComments: "none",
    banner: { js: "/* paypier browser SDK, Apache-2.0. Built from sdk/browser; do not edit. */" },
  });
  const bytes = readFileSync(outfile).length;
  if (bytes > MOST_BYTES) {
    console.error(`${name} has ${bytes} bytes; ${MOST_BYTES} are allowed`);
    process.exit(1);
  }
  console.log(`${name}: ${bytes} bytes`);
}
