// Compares aws/sigv4 with @smithy/signature-v4 on random requests: by_smithy.mjs SIGN SEED COUNT
//
// SIGN is the program of tests/signing/sign.c. What is left out, because the two mean different things by it:
// - repeated headers: smithy has one value for a name. It gets the values joined as HTTP joins them, each without outer
//   blanks, where aws/sigv4 gets them one by one;
// - the headers that smithy never signs (Authorization, Cache-Control, Connection, Expect, From, Pragma, Referer, TE,
//   User-Agent, X-Amzn-Trace-Id, Proxy-*, Sec-* and the like), and Date, which it takes out;
// - the query parameter X-Amz-Signature, which it takes out;
// - query strings as they stand in a URL: smithy gets names and values, and we each spelling of them.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(new URL("../sdk/package.json", import.meta.url));
const { Sha256 } = require("@aws-crypto/sha256-js");
const { SignatureV4 } = require("@smithy/signature-v4");

const [program, seedText, countText] = process.argv.slice(2);
const seed = Number(seedText);
const count = Number(countText);

// mulberry32: small, and the same on each machine.
let state = seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const between = (low, high) => low + Math.floor(random() * (high - low + 1));
const chance = (share) => random() < share;
const pick = (list) => list[between(0, list.length - 1)];
const many = (low, high, make) => Array.from({ length: between(low, high) }, make);
const text = (alphabet, low, high) => many(low, high, () => pick(alphabet)).join("");

const REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "cn-northwest-1", "us-gov-west-1"];
const NAMES = ["Accept", "Content-Type", "X-Amz-Target", "x-amz-meta-a", "X-Amz-Meta-A-B", "X-a", "X_b", "If-Match", "Range"];
const WIRE = "abcXYZ019-._~!$&'()*+,;=:@";
const RANGES = [[0x20, 0x7e], [0x20, 0x7e], [0x01, 0x1f], [0xa0, 0x7ff], [0xe000, 0xffff], [0x10000, 0x10ffff]];

const anyText = (low, high) => many(low, high, () => String.fromCodePoint(between(...pick(RANGES)))).join("");
const percent = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

// One of the ways to write a text in a query string.
function spell(value) {
  return Array.from(Buffer.from(value), (byte) => {
    const char = String.fromCharCode(byte);
    if (!"&=#%+".includes(char) && byte > 0x20 && byte < 0x7f && !chance(0.2)) return char;
    return chance(0.3) ? percent(byte).toLowerCase() : percent(byte);
  }).join("");
}

function anyPath() {
  const segment = () =>
    chance(0.3) ? pick(["", ".", "..", "...", ".a"]) : many(1, 3, () => text(WIRE, 0, 4) + pick(["", percent(between(0, 255))])).join("");
  return chance(0.2) ? "/" : `/${many(1, 6, segment).join("/")}${pick(["", "/"])}`;
}

function anyQuery() {
  const query = Object.create(null);
  for (const name of many(0, 4, () => anyText(0, 5))) query[name] = chance(0.6) ? anyText(0, 8) : many(1, 4, () => anyText(0, 8));
  const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  pairs.sort(() => random() - 0.5);
  const sent = pairs.map(([name, value]) => (name && !value && chance(0.5) ? spell(name) : `${spell(name)}=${spell(value)}`));
  return { query: { ...query }, sent: sent.join("&") };
}

function anyValue() {
  const blank = () => pick(["", "", " ", "  ", "\t", " \t  "]);
  const word = () => many(0, 8, () => String.fromCharCode(between(0x21, 0x7e))).join("");
  return blank() + many(0, 4, () => word() + (blank() || " ")).join("");
}

// What a server would read: name to values, in the order of sending.
function anyHeaders() {
  const headers = new Map();
  const names = [...NAMES];
  for (let left = between(0, 6); left > 0; left -= 1) {
    const [name] = names.splice(between(0, names.length - 1), 1);
    headers.set(name, chance(0.2) ? many(2, 3, anyValue) : [anyValue()]);
  }
  return headers;
}

function anyRequest() {
  const { query, sent } = anyQuery();
  return {
    accessKeyId: text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 20),
    secretAccessKey: text("abcdefXYZ0123/+=", 1, 60),
    sessionToken: chance(0.4) ? text("abcXYZ012/+=", 1, 400) : undefined,
    region: chance(0.8) ? pick(REGIONS) : text("abc-123", 1, 20),
    service: pick(["aws-marketplace", "aws-marketplace", "sts", "iam", "x"]),
    time: new Date(Date.UTC(2000, 0, 1) + between(0, 3_000_000_000) * 1000),
    method: pick(["POST", "POST", "GET", "PUT", "DELETE"]),
    host: pick(["metering.marketplace.us-east-1.amazonaws.com", "127.0.0.1:8081", "a.example:1"]),
    path: anyPath(),
    query,
    sent,
    headers: anyHeaders(),
    body: Buffer.from(many(...pick([[0, 0], [1, 1], [63, 65], [0, 300], [0, 300], [0, 3000]]), () => between(0, 255))),
    applyChecksum: chance(0.3), // sends the body's hash as X-Amz-Content-SHA256, signed
  };
}

async function foreign(request) {
  const headers = { host: request.host };
  const trim = (value) => value.replace(/^[ \t]+|[ \t]+$/g, "");
  for (const [name, values] of request.headers) headers[name] = values.length > 1 ? values.map(trim).join(",") : values[0];
  const signer = new SignatureV4({
    service: request.service,
    region: request.region,
    credentials: request,
    sha256: Sha256,
    applyChecksum: request.applyChecksum,
  });
  const signed = await signer.sign(
    { method: request.method, protocol: "http:", hostname: request.host, path: request.path, query: request.query, headers, body: request.body },
    { signingDate: request.time },
  );
  return signed.headers;
}

const time = (date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");

function line(request, signedHeaders) {
  const headers = [["Host", request.host], ["X-Amz-Date", time(request.time)]];
  for (const [name, values] of request.headers) headers.push(...values.map((value) => [name, value]));
  if (request.sessionToken) headers.push(["X-Amz-Security-Token", request.sessionToken]);
  if (request.applyChecksum) headers.push(["X-Amz-Content-SHA256", signedHeaders["x-amz-content-sha256"]]);
  return [request.accessKeyId, request.secretAccessKey, request.region, request.service, time(request.time), request.method, request.path,
    request.sent, request.body, ...headers.flat()].map((field) => Array.from(Buffer.from(field), percent).join("")).join("\t");
}

const requests = Array.from({ length: count }, anyRequest);
const theirs = [];
for (const request of requests) theirs.push(await foreign(request));
const lines = requests.map((request, number) => line(request, theirs[number]));
// The last one is the first with another body: it must not have the same signature.
lines.push(line({ ...requests[0], body: Buffer.concat([requests[0].body, Buffer.from("x")]) }, theirs[0]));
const ours = execFileSync(program, { input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 2 ** 30 }).trimEnd().split("\n").map((said) => said.split("\t"));
if (ours.length !== count + 1 || ours[0][0] === ours[count][0]) throw new Error("the program under test does not sign each request for itself");
theirs.forEach((headers, number) => {
  if (headers.authorization === ours[number][0]) return;
  console.log(`seed ${seed}, request ${number}: ${lines[number]}\nsmithy: ${headers.authorization}\nours:   ${ours[number][0]}`);
  console.log(`our canonical request:\n${decodeURIComponent(ours[number][1])}`);
  process.exit(1);
});
console.log(`${count} requests agree`);
