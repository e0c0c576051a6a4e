// What the programs wrote about all that the browser did.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { folder } from "./stack.mjs";
import { test } from "./tap.mjs";
import { core, tokens } from "./visitor.mjs";

const files = (await readdir(folder)).filter((name) => name.endsWith(".log"));
const lines = (await Promise.all(files.map((name) => readFile(path.join(folder, name), "utf8")))).join("\n").split("\n");

await test("no token and no contact data in a log", () => {
  assert(tokens.length > 0 && lines.some((line) => line.includes("/register")), "too little happened");
  const secrets = [...tokens.map(core), "ada@", "Analytical", "wrong@", "right@"];
  assert.deepEqual(lines.filter((line) => secrets.some((secret) => line.includes(secret))), []);
});

await test("no alert, bug or crash in a log", () => {
  assert.deepEqual(lines.filter((line) => /\[(alert|emerg)\]|Sanitizer|runtime error|event=bug/.test(line)), []);
});
