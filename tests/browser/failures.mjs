// Every page for what can go wrong: it has its status, says what to do, and is as accessible as the others.
import assert from "node:assert/strict";
import { inspect } from "./inspect.mjs";
import { fault, landing, mint } from "./stack.mjs";
import { visit } from "./visitor.mjs";

const go = (where) => (visitor) => visitor.page.goto(landing + where);
const land = (token, options) => (visitor) => visitor.land(token, options);
const landAs = (order) => async (visitor) => visitor.land(await mint(order));

// A form that was open while the same browser landed once more, as an attacker's page could make it.
async function sendOldForm(visitor) {
  const first = visitor.page;
  await visitor.land(await mint());
  visitor.page = await visitor.context.newPage();
  await visitor.land(await mint({ ProductCode: "prod-license" }));
  await visitor.page.close();
  visitor.page = first;
  return visitor.press("Complete registration");
}

const pages = [
  ["home", 200, /Subscribe through AWS Marketplace/, go("/")],
  ["register", 200, /Subscribe through AWS Marketplace/, go("/register")],
  ["token-expired", 400, /expired/, landAs({ Kind: "expired" })],
  ["token-invalid", 400, /does not know your link/, land("neverGivenByAws0123456789")],
  ["no-token", 400, /which subscription is yours/, land(undefined, { other: "1" })],
  ["bad-form", 400, /could not read/, land("não0123456789abcdefghij", { charset: "windows-1252" })],
  ["wrong-type", 415, /did not send a form/, land("sentAsPlainText0123456789", { type: "text/plain" })],
  ["too-large", 413, /too long/, land("x".repeat(70000))],
  ["too-large-for-nginx", 413, /too long/, land("y".repeat(200000))],
  ["unknown-product", 403, /cannot register this product/, landAs({ ProductCode: "prod-of-nobody" })],
  ["session-over", 403, /has closed/, go("/signup")],
  ["form-expired", 403, /open the form again/, sendOldForm],
  ["not-found", 404, /not found/, go("/nowhere")],
  ["wrong-method", 405, /cannot be opened like this/, go("/handoff")],
  ["slow-down", 200, /Too many requests/, go("/static/slow_down.html")],
];

for (const [name, status, heading, act] of pages) {
  await visit(`${name}: ${status}, with a page that helps`, {}, async (visitor, page) => {
    assert.equal((await act(visitor)).status(), status);
    assert.match(await page.locator("h1").innerText(), heading);
    await inspect(visitor, name, ["light"]);
  });
}

await visit("try-again: 503, and its button posts the same token, which then works", {}, async (visitor) => {
  const token = await mint();
  await fault("AccessDeniedException"); // refused at once; what goes away by itself is tried again for seconds
  const answer = await visitor.land(token, { "x-amzn-marketplace-offer-type": "free-trial" });
  assert.equal(answer.status(), 503);
  await inspect(visitor, "try-again", ["light"]);
  const landed = await visitor.press("Try again");
  assert.deepEqual([landed.status(), landed.url()], [200, `${landing}/signup`]);
  const posted = new URLSearchParams(landed.request().redirectedFrom().postData());
  assert.deepEqual([...posted], [["x-amzn-marketplace-token", token], ["x-amzn-marketplace-offer-type", "free-trial"]]);
});
