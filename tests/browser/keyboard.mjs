// Without a mouse.
import assert from "node:assert/strict";
import { landing, mint, shop } from "./stack.mjs";
import { visit } from "./visitor.mjs";

// What has the focus, and whether one sees that: an outline, in the window.
const focus = (page) => page.evaluate(() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const { left, right, top, bottom } = at.getBoundingClientRect();
  return {
    name: (at.labels?.[0] ?? at).textContent.trim().replace(/\s+/g, " "),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    inside: left >= 0 && right <= innerWidth && top < innerHeight && bottom > 0,
  };
});

async function tab(page) {
  await page.keyboard.press("Tab");
  const { name, outline, inside } = await focus(page);
  assert(outline >= 2, `${name} has an outline of ${outline} pixels`);
  assert(inside, `${name} is outside of the window`);
  return name;
}

async function tabTo(page, wanted) {
  for (let i = 0; i < 20; i++) if ((await tab(page)) === wanted) return;
  assert.fail(`Tab never comes to ${wanted}`);
}

for (const width of [360, 1280]) {
  await visit(`Tab reaches all of the form in its order, visibly, at ${width} px`, { width, height: 640 }, async (visitor, page) => {
    await visitor.land(await mint());
    const order = [];
    for (let i = 0; i < 9; i++) order.push(await tab(page));
    assert.deepEqual(order, ["Skip to main content", "This is not my account", "I already have an account", "Email address",
      "Company name", "Phone number (optional)", "What would you like to do with Orchard Analytics? (optional)",
      "Complete registration", "support@orchard.example"]);
  });
}

await visit("the skip link leads past the header", {}, async (visitor, page) => {
  await visitor.land(await mint());
  assert.equal(await tab(page), "Skip to main content");
  await visitor.shoot("skip-link");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#main");
  assert.equal(await tab(page), "This is not my account");
});

await visit("the whole path by keyboard alone", {}, async (visitor, page) => {
  await page.goto(shop);
  await tabTo(page, "Subscribe to Orchard Analytics");
  await visitor.leave(() => page.keyboard.press("Enter"));
  await tabTo(page, "Set up your account");
  await visitor.leave(() => page.keyboard.press("Space"));
  await tabTo(page, "Email address");
  await page.keyboard.type("ada@");
  await visitor.leave(() => page.keyboard.press("Enter"));
  await page.waitForFunction(() => document.activeElement.matches("[autofocus]")); // once the page is drawn
  assert.match(await tab(page), /^Enter an email address/); // the first link of the summary, which had the focus
  await page.keyboard.press("Enter");
  assert.equal((await focus(page)).name, "Email address");
  await visitor.shoot("focus-mistake");
  await page.keyboard.press("End");
  await page.keyboard.type("example.com");
  assert.equal(await tab(page), "Company name");
  await page.keyboard.type("Analytical Engines Ltd");
  await visitor.leave(() => page.keyboard.press("Enter"));
  assert.equal(page.url(), `${landing}/thanks`);
});
