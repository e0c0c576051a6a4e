// What must hold of any page: axe finds nothing in light and dark, and nothing is wider than the window.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NARROW = 320; // 1280 at 400 % (WCAG 1.4.10)

const everything = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"] };
const colours = { type: "rule", values: ["color-contrast"] };

// What axe finds or cannot tell, a line each; DevTools put it into the page, past the page's policy.
async function violations(page, rules) {
  const rulesBroken = await page.evaluate(async (runOnly) => {
    const { violations: broken, incomplete } = await globalThis.axe.run({ runOnly, resultTypes: ["violations", "incomplete"] });
    return [...broken, ...incomplete];
  }, rules);
  const nodes = rulesBroken.flatMap((rule) => rule.nodes.map((node) => ({ rule, node })));
  // What axe cannot tell the contrast of: text beside the pseudo elements that are the steps' circles, a single digit,
  // and what is scrolled out of a wide table's sight.
  const untold = ({ key, target }) => key === "pseudoContent" || key === "shortTextContent" ||
    (key === "elmPartiallyObscured" && /\b(table|thead|tbody|tr|td)\b/.test(target));
  return nodes.filter(({ node }) => !node.any.some((check) =>
    untold({ key: check.data?.messageKey, target: node.target.join(" ") })))
    .map(({ rule, node }) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary ?? rule.help}`);
}

// Says what was found, which an assertion with a message of its own does not in Node 18.
const assertNone = (found, where) => assert(!found.length, `${where}: ${found.join("\n")}`);

export async function checkAccess(visitor, name, shots) {
  const { page } = visitor;
  const shoot = (scheme) => shots.includes(scheme) && visitor.shoot(`${name}-${visitor.width}-${scheme}`);
  await page.evaluate(axe);
  await shoot("light");
  assertNone(await violations(page, everything), `axe: ${name}`);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("dark");
  assertNone(await violations(page, colours), `axe: ${name}, dark`);
  await page.emulateMedia({ colorScheme: "light" });
}

export async function checkFit(page) {
  const { content, window } = await page.evaluate(() =>
    ({ content: document.scrollingElement.scrollWidth, window: document.documentElement.clientWidth }));
  assert(content <= window, `the page is ${content} pixels wide in a window of ${window}`);
}

// All of it, with screenshots; axe needs JavaScript. Leaves the page as it was.
export async function inspect(visitor, name, shots = ["light", "dark"]) {
  const { page, width, height } = visitor;
  if (visitor.script) await checkAccess(visitor, name, shots);
  else await visitor.shoot(`${name}-${width}-noscript`);
  await checkFit(page);
  await page.setViewportSize({ width: NARROW, height });
  await checkFit(page);
  await page.setViewportSize({ width, height });
}
