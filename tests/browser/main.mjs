// Runs the browser tests in one Chromium, or some of them: node main.mjs [PART…]. tests/browser.t starts the stack.
import { mkdir, rm } from "node:fs/promises";
import { doneTesting } from "./tap.mjs";
import { startChromium, stopChromium } from "./visitor.mjs";

const named = process.argv.slice(2);
const parts = named.length ? named : ["axe", "path", "handoff", "keyboard", "console", "failures", "reflow", "outage", "logs"];

await rm(process.env.SCREENSHOTS, { recursive: true, force: true });
await mkdir(process.env.SCREENSHOTS, { recursive: true });
await startChromium();
try {
  for (const part of parts) await import(`./${part}.mjs`);
} finally {
  await stopChromium();
}
doneTesting();
