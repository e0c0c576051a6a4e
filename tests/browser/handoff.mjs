// "I already have an account", and that Chromium enforces the policy by which only that page leads to the app.
import assert from "node:assert/strict";
import { inspect } from "./inspect.mjs";
import { landing, mint, sandbox, shop } from "./stack.mjs";
import { visit } from "./visitor.mjs";

for (const script of [true, false]) {
  await visit(`“I already have an account” leads to the app, ${script ? "with" : "without"} JavaScript`, { script },
    async (visitor, page) => {
      await visitor.land(await mint());
      await visitor.press("I already have an account", "link");
      await inspect(visitor, "existing");
      const arrived = await visitor.press(`Continue to ${new URL(sandbox).host}`);
      assert.equal(arrived.status(), 200);
      assert.match(page.url(), new RegExp(`^${sandbox}/app/handoff\\?code=[A-Za-z0-9_-]{43}$`));
      assert.equal((await arrived.request().allHeaders()).referer, undefined, "the app learns where the buyer was");
      await page.getByText("The app got a code").waitFor();
      await inspect(visitor, "app");
    });
}

// Puts a form into the page and sends it, as markup that got in would.
const send = (page, action, fields) => page.evaluate(([where, inputs]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: where });
  for (const [name, value] of Object.entries(inputs))
    form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  form.submit();
}, [action, fields]);

const formRefused = /console: error: .*form-action/;

await visit("a form on the sign-up page cannot post to another site", { complaints: [formRefused] }, async (visitor, page) => {
  await visitor.land(await mint());
  await Promise.all([page.waitForEvent("console"), send(page, `${sandbox}/shop/subscribe`, { product: "prod-legacy" })]);
  assert.equal(page.url(), `${landing}/signup`);
});

await visit("… nor reach one through a redirect", { complaints: [formRefused, /failed: POST .*handoff/] }, async (visitor, page) => {
  await visitor.land(await mint());
  const csrf = await page.locator("[name=csrf]").first().inputValue();
  await Promise.all([page.waitForEvent("console"), send(page, "/handoff", { csrf })]);
  assert.equal(page.url(), `${landing}/signup`);
});

await visit("a script or style that got into a page does nothing",
  { complaints: [/console: error: .*(script-src|default-src)/, /console: error: .*style-src/] }, async (visitor, page) => {
    await visitor.land(await mint());
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'run'";
      const style = document.createElement("style");
      style.textContent = "body { display: none }";
      document.body.append(script, style);
    });
    assert.notEqual(await page.title(), "run");
    assert(await page.getByLabel("Email address").isVisible());
  });

await visit("no page can be framed", { complaints: [/console: error: Framing .*frame-ancestors/, /failed: GET .*BLOCKED_BY_RESPONSE/] },
  async (visitor, page) => {
    await page.goto(`${shop}/static/too_large.html`); // any page without a policy of its own
    await Promise.all([visitor.context.waitForEvent("console"), page.evaluate((address) => {
      document.body.append(Object.assign(document.createElement("iframe"), { src: address }));
    }, `${landing}/`)]);
  });
