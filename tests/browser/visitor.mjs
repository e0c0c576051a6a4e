// A buyer's browser: Chromium with a profile of its own, and a watch on all it asks, gets and complains of.
import assert from "node:assert/strict";
import path from "node:path";
import { chromium } from "playwright-core";
import { landing, sandbox, shop } from "./stack.mjs";
import { test, within } from "./tap.mjs";

const PATIENCE_MS = 15000; // for one step; the machine may be busy with other tests

let browser;

// Chromium's own sandbox is off, as it must be for root and in a chroot: all pages here are ours. One process for all
// sites takes half the time; what a site may do to another one is the same.
export async function startChromium() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-proxy-server", "--disable-site-isolation-trials",
      "--renderer-process-limit=1"],
  });
}

// One that hangs is killed when this process ends.
export const stopChromium = () => within(PATIENCE_MS, browser.close()).catch(console.error);

const visitors = {}; // with JavaScript and without it; a new one for each test would take a second each

// A test with a browser that has no session, whose watch must have seen nothing wrong in the end.
//   width and height: of the window; script: whether JavaScript is on; complaints: what the browser has to complain
//   of; others: a third party's addresses, each with its answer
export function visit(name, { width = 1280, height = 800, script = true, complaints = [], others = {} }, body) {
  return test(name, async () => {
    const visitor = visitors[script] ??= await Visitor.open(script);
    try {
      await visitor.begin({ width, height, complaints, others });
      await body(visitor, visitor.page);
      await visitor.check();
    } catch (error) {
      await visitor.shoot(`failed-${name.replace(/[^A-Za-z0-9]+/g, "-")}`).catch(() => {}); // the first error counts
      await visitor.context.close();
      visitors[script] = undefined;
      throw error;
    }
  });
}

export const tokens = []; // all that any visitor held

// The longest run of letters and digits: it stays the same however the token is encoded.
export const core = (token) => token.match(/[A-Za-z0-9]+/g).reduce((a, b) => (b.length > a.length ? b : a));

const quote = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

export class Visitor {
  static async open(script) {
    const visitor = Object.assign(new Visitor(), { script });
    visitor.context = await browser.newContext({
      javaScriptEnabled: script,
      reducedMotion: "reduce", // a colour in mid-change has no contrast to speak of
      serviceWorkers: "block",
    });
    visitor.context.setDefaultTimeout(PATIENCE_MS);
    visitor.page = await visitor.context.newPage();
    visitor.watch();
    return visitor;
  }

  async begin({ width, height, complaints, others }) {
    Object.assign(this, { width, height, complaints, held: [], seen: [], wrong: [], refused: new Set() });
    this.origins = [landing, sandbox, shop, ...Object.keys(others).map((address) => new URL(address).origin)];
    await this.context.clearCookies();
    await this.context.unrouteAll();
    for (const [address, answer] of Object.entries(others))
      await this.context.route(address, (route) => route.fulfill(answer));
    await this.page.setViewportSize({ width, height });
    await this.page.emulateMedia({ colorScheme: "light" });
  }

  watch() {
    this.context.on("request", (request) => {
      this.note(request);
      if (!this.origins.includes(new URL(request.url()).origin)) this.wrong.push(`asked another party: ${request.url()}`);
    });
    this.context.on("requestfailed", (request) => {
      // To leave a page before its icon has come is no failure.
      const left = request.failure()?.errorText === "net::ERR_ABORTED" && !request.isNavigationRequest();
      if (!left) this.wrong.push(`failed: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`);
    });
    this.context.on("response", (response) => {
      this.note(response);
      if (response.status() < 400) return;
      if (response.request().isNavigationRequest()) this.refused.add(response.url());
      else this.wrong.push(`${response.status()}: ${response.url()}`);
    });
    this.context.on("weberror", (error) => this.wrong.push(`script: ${error.error()}`));
    this.context.on("console", (message) => {
      // Chromium says so of each page with a status of 400 and more; tests ask for that by number.
      const status = message.text().startsWith("Failed to load resource") && this.refused.has(message.location().url);
      if (!status) this.wrong.push(`console: ${message.type()}: ${message.text()}`);
    });
  }

  // What went over the wire besides the body.
  note(message) {
    const told = (headers) => ({ url: message.url(), headers });
    // A page that was left meanwhile takes the raw headers with it; then those that every message has must do. Cookies
    // are looked at by check() in any case.
    this.seen.push(message.allHeaders().then(told, () => told(message.headers())));
  }

  async check() {
    const expected = (line) => this.complaints.some((pattern) => pattern.test(line));
    assert.deepEqual(this.wrong.filter((line) => !expected(line)), [], "the browser complained");
    for (const pattern of this.complaints)
      assert(this.wrong.some((line) => pattern.test(line)), `the browser did not complain of ${pattern}`);
    const cookies = (await this.context.cookies()).map((cookie) => Buffer.from(cookie.value, "base64url").toString("latin1"));
    const places = [...await Promise.all(this.seen), ...await this.history(), ...cookies].map((place) => JSON.stringify(place));
    for (const token of this.held)
      assert.deepEqual(places.filter((place) => place.includes(core(token))), [], "a token got into a URL, header or cookie");
  }

  async history() {
    const devtools = await this.context.newCDPSession(this.page);
    const { entries } = await devtools.send("Page.getNavigationHistory");
    return entries.map((entry) => entry.url);
  }

  // From now on this token may be found nowhere.
  hold(token) {
    this.held.push(token);
    tokens.push(token);
  }

  // Lets the browser meet AWS's form with a token, or without one; returns the page's address.
  async meetAws(token, { site = landing, type = "application/x-www-form-urlencoded", charset = "utf-8", ...fields } = {}) {
    if (token) this.hold(token);
    const all = { ...fields, ...(token === undefined ? {} : { "x-amzn-marketplace-token": token }) };
    const inputs = Object.entries(all).map(([name, value]) => `<input type="hidden" name="${name}" value="${quote(value)}">`);
    await this.context.route(`${site}/aws`, (route) => route.fulfill({
      contentType: "text/html; charset=utf-8",
      body: `<!doctype html><link rel="icon" href="data:,"><form method="post" action="${landing}/register" enctype="${type}"
        accept-charset="${charset}">${inputs.join("")}<button>Set up your account</button></form>`,
    }));
    return `${site}/aws`;
  }

  // Presses the button of that form. Returns the answer of the page where it ends.
  async land(token, options) {
    await this.page.goto(await this.meetAws(token, options));
    return this.press("Set up your account");
  }

  press(name, role = "button") {
    return this.leave(() => this.page.getByRole(role, { name }).click());
  }

  // Does something that leaves the page, and returns the answer of the next one.
  async leave(act) {
    const answer = this.page.waitForResponse((response) => response.request().isNavigationRequest() &&
      response.frame() === this.page.mainFrame() && (response.status() < 300 || response.status() >= 400));
    const arrival = this.page.waitForEvent("framenavigated", (frame) => frame === this.page.mainFrame());
    const [response] = await Promise.all([answer, arrival, act()]);
    await this.page.waitForLoadState();
    return response;
  }

  fillIn(answers) {
    return Object.entries(answers).reduce((before, [label, answer]) =>
      before.then(() => this.page.getByLabel(label).fill(answer)), Promise.resolve());
  }

  shoot(name) {
    return this.page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}
