// The whole path: shop, form, mistakes, thanks; and the ways back.
import assert from "node:assert/strict";
import { inspect } from "./inspect.mjs";
import { landing, mint, shop } from "./stack.mjs";
import { visit } from "./visitor.mjs";

async function checkCookie(visitor) {
  const [cookie, ...more] = await visitor.context.cookies(landing);
  assert.deepEqual(more, []);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Lax", "/"]);
  if (visitor.script) assert.equal(await visitor.page.evaluate(() => document.cookie), "");
}

const hasFocus = (locator) => locator.evaluate((element) => element === document.activeElement);

// The summary has the focus, its links lead to the inputs, and each input names its own message.
async function checkMistakes(page, wrong) {
  assert.match(await page.title(), /^Error: /);
  const summary = page.getByRole("alert", { name: "There is a problem" });
  assert(await hasFocus(summary), "the summary has no focus");
  const links = summary.getByRole("link");
  assert.equal(await links.count(), wrong.length);
  for (const [i, label] of wrong.entries()) {
    const input = page.getByLabel(label);
    assert.equal(await input.getAttribute("aria-invalid"), "true");
    assert.equal(await links.nth(i).getAttribute("href"), `#${await input.getAttribute("id")}`);
    const described = ((await input.getAttribute("aria-describedby")) ?? "").split(" ").filter(Boolean);
    const messages = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).innerText()));
    assert(messages.join().includes(await links.nth(i).innerText()), `${label} is described by ${messages}`);
    await links.nth(i).click();
    assert(await hasFocus(input), `${label} has no focus`);
  }
}

for (const script of [true, false]) {
  for (const width of [360, 1280]) {
    await visit(`from the shop to thanks at ${width} px, ${script ? "with" : "without"} JavaScript`, { width, script },
      async (visitor, page) => {
        await page.goto(shop);
        await inspect(visitor, "shop");
        await visitor.press("Subscribe to Orchard Analytics");
        await inspect(visitor, "setup");

        visitor.hold(await page.locator("[name=x-amzn-marketplace-token]").inputValue());
        const landed = await visitor.press("Set up your account");
        assert.deepEqual([landed.status(), landed.url()], [200, `${landing}/signup`]);
        const post = landed.request().redirectedFrom();
        assert.deepEqual([post.method(), (await post.allHeaders())["sec-fetch-site"]], ["POST", "cross-site"]);
        await checkCookie(visitor);
        await inspect(visitor, "form");

        const refused = await visitor.press("Complete registration");
        assert.equal(refused.status(), 422, "the browser's own validation is off, so the server answers");
        await checkMistakes(page, ["Email address", "Company name"]);
        await page.goto(`${landing}/signup`);
        await visitor.press("Complete registration");
        await inspect(visitor, "mistakes");

        await visitor.fillIn({ "Email address": "ada@example.com", "Company name": "Analytical Engines Ltd" });
        const thanks = await visitor.press("Complete registration");
        assert.deepEqual([thanks.status(), thanks.url()], [200, `${landing}/thanks`]);
        assert.match(await page.locator("main").innerText(), /ada@example\.com/);
        await inspect(visitor, "thanks");
      });
  }
}

await visit("above its first field the form says whose subscription it is", {}, async (visitor, page) => {
  await page.goto(shop);
  await visitor.press("Subscribe to Orchard Vault");
  const account = (await page.locator("main").innerText()).match(/\b\d{12}\b/)[0];
  await visitor.press("Set up your account");
  const whose = page.getByRole("region", { name: "Your subscription" });
  const text = await whose.innerText();
  assert.match(text, /Orchard Vault/);
  assert.match(text, new RegExp(`ending in ${account.slice(-4)}`));
  assert((await whose.boundingBox()).y < (await page.getByLabel("Email address").boundingBox()).y);
  assert(!(await page.content()).includes(account), "the whole account number is on the page");
});

await visit("what was typed is there again after a mistake", {}, async (visitor, page) => {
  const goals = "\n\n  Two lines <b>first</b>,\n\tand \"more\" & more";
  await visitor.land(await mint());
  await visitor.fillIn({ "Company name": "Ærø & Søn", "Phone number": "+45 12", "What would you like": goals });
  assert.equal((await visitor.press("Complete registration")).status(), 422);
  assert.equal(await page.getByLabel("Company name").inputValue(), "Ærø & Søn");
  assert.equal(await page.getByLabel("Phone number").inputValue(), "+45 12");
  assert.equal(await page.getByLabel("What would you like").inputValue(), goals);
});

await visit("reload, Back and Forward after the landing, and the same token once more", {}, async (visitor, page) => {
  const aws = await visitor.meetAws(await mint(), { site: shop });
  await page.goto(aws);
  await visitor.press("Set up your account");
  assert.equal((await page.reload()).status(), 200);
  await page.getByLabel("Email address").waitFor();
  await page.goBack();
  assert.equal(page.url(), aws);
  await page.goForward();
  await page.getByLabel("Email address").waitFor();
  await page.goBack();
  assert.equal((await visitor.press("Set up your account")).url(), `${landing}/signup`);
});

await visit("Back from thanks leads to the form, and a correction is taken", {}, async (visitor, page) => {
  await visitor.land(await mint());
  await visitor.fillIn({ "Email address": "wrong@example.com", "Company name": "Analytical Engines Ltd" });
  await visitor.press("Complete registration");
  await page.goBack();
  assert.equal(page.url(), `${landing}/signup`);
  assert.equal(await page.getByLabel("Company name").inputValue(), "Analytical Engines Ltd");
  await visitor.fillIn({ "Email address": "right@example.com" });
  await visitor.press("Complete registration");
  assert.match(await page.locator("main").innerText(), /right@example\.com/);
});

await visit("“This is not my account” leaves the browser without a session", {}, async (visitor, page) => {
  await visitor.land(await mint());
  assert.equal((await visitor.press("This is not my account")).status(), 200);
  await inspect(visitor, "not-mine");
  assert.deepEqual(await visitor.context.cookies(landing), []);
  assert.equal((await page.goto(`${landing}/signup`)).status(), 403);
});
