// Small windows, large text and long words: nothing is cut off, and nobody has to scroll sideways.
import assert from "node:assert/strict";
import { checkFit, inspect } from "./inspect.mjs";
import { landing, mint, sql } from "./stack.mjs";
import { visit } from "./visitor.mjs";

for (const [width, size] of [[640, 100], [360, 200], [1280, 200]]) {
  await visit(`text at ${size} % in a window of ${width} px`, { width, height: 512 }, async (visitor, page) => {
    const check = async () => {
      await page.evaluate((percent) => { document.documentElement.style.fontSize = `${percent}%`; }, size);
      await checkFit(page);
      assert(await page.locator(".skip").evaluate((link) => link.getBoundingClientRect().bottom <= 0), "the skip link peeps out");
    };
    await visitor.land(await mint());
    await check();
    await visitor.press("Complete registration");
    await check();
    await visitor.shoot(`text-${size}-percent-${width}`);
  });
}

await visit("the text spacing that readers may set (WCAG 1.4.12)", { width: 320 }, async (visitor, page) => {
  await visitor.land(await mint());
  await visitor.press("Complete registration");
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
      "p { margin-bottom: 2em !important }");
    document.adoptedStyleSheets = [sheet];
  });
  await checkFit(page);
  await visitor.shoot("text-spacing-320");
});

// A product whose seller filled in all there is, at its longest.
const LOGO = "https://logo.example/orchard.svg";
const long = (word, n) => word.repeat(Math.ceil(n / word.length)).slice(0, n);
const quote = (text) => `'${text.replaceAll("'", "''")}'`;

const fields = [
  { name: "one_word", label: long("Donaudampfschifffahrtsgesellschaftskapitän", 100), required: true,
    hint: long("Rindfleischetikettierungsüberwachung", 200) },
  { name: "many_words", type: "multiline",
    label: "What should we know about your organisation before we set up the first of your users’ workspaces?" },
  { name: "arabic", label: "اسم الشركة", hint: "كما هو مسجل", required: true },
  { name: "homepage", label: "Web site", type: "url", max_length: 10 },
];

const product = {
  product_code: "prod-long",
  name: long("Softwarelizenzverwaltung", 100),
  seller_name: long("Muster & Söhne ", 100).trim(),
  logo_url: LOGO,
  support_email: `${long("unterstützung", 50)}@${long("orchard-", 40)}.example`,
  support_url: "https://orchard.example/support",
  terms_url: "https://orchard.example/terms",
  privacy_url: "https://orchard.example/privacy",
  access_note: `First line.\n${long("https://orchard.example/", 200)}`,
  form_fields: JSON.stringify(fields),
};

const logo = {
  contentType: "image/svg+xml",
  body: '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="120"><rect width="900" height="120" rx="60" fill="#0a7d4f"/></svg>',
};

await visit("a product with a logo, all links and the longest words", { width: 360, others: { [LOGO]: logo } }, async (visitor, page) => {
  await sql(`INSERT INTO tollgate.product (${Object.keys(product)}) VALUES (${Object.values(product).map(quote)})`);
  assert.equal((await visitor.land(await mint({ ProductCode: "prod-long" }))).status(), 200);
  assert.equal(await page.getByRole("img").evaluate((image) => image.naturalWidth), 900, "the policy keeps the logo away");
  await inspect(visitor, "long-form");

  await page.getByLabel("Web site").evaluate((input) => input.removeAttribute("maxlength"));
  await visitor.fillIn({ "Web site": long("https://example.com/", 100) });
  assert.equal((await visitor.press("Complete registration")).status(), 422);
  await inspect(visitor, "long-mistakes");

  await visitor.fillIn({ "Email address": `${long("a", 60)}@${long("very-long-", 60)}.example`, Donau: long("x", 100),
    "اسم الشركة": "شركة", "Web site": "" });
  assert.equal((await visitor.press("Complete registration")).url(), `${landing}/thanks`);
  await inspect(visitor, "long-thanks");
});
