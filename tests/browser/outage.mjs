// The database goes away while a buyer fills in the form, then the handler itself. Last, for nothing works afterwards.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { inspect } from "./inspect.mjs";
import { folder, landing, mint, stopDatabase } from "./stack.mjs";
import { visit } from "./visitor.mjs";

await visit("the database goes away: the form comes back with what was typed, and says so", {}, async (visitor, page) => {
  await visitor.land(await mint());
  await visitor.fillIn({ "Email address": "ada@example.com", "Company name": "Analytical Engines Ltd" });
  await stopDatabase();
  assert.equal((await visitor.press("Complete registration")).status(), 503);
  assert.match(await page.title(), /^Not saved: /);
  assert(await page.getByRole("alert").evaluate((box) => box === document.activeElement), "the notice has no focus");
  assert.equal(await page.getByLabel("Company name").inputValue(), "Analytical Engines Ltd");
  await inspect(visitor, "not-saved");

  await page.goto(`${landing}/existing`);
  assert.equal((await visitor.press(/^Continue to/)).status(), 503);
  assert.match(await page.locator("h1").innerText(), /cannot do this right now/);
  await inspect(visitor, "unavailable");
});

await visit("the handler goes away: nginx has a page for that", {}, async (visitor, page) => {
  process.kill(Number(await readFile(path.join(folder, "fcgi.pid"), "utf8")), "SIGTERM");
  while ((await page.request.get(landing)).status() === 200);
  assert.equal((await page.goto(landing)).status(), 502);
  assert.match(await page.locator("h1").innerText(), /away for a moment/);
  await inspect(visitor, "away");
});
