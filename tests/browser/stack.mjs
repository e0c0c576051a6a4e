// The stack that tests/browser.t started: its addresses, the sandbox's control calls, and what a test may break.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

function setting(name) {
  if (!process.env[name]) throw new Error(`${name} is not set; start the browser tests by tests/browser.t`);
  return process.env[name];
}

export const landing = new URL(setting("LANDING_URL")).origin;
export const sandbox = new URL(setting("SANDBOX_URL")).origin;
// By another host name the sandbox is another site to the browser, as AWS is; another port does not make one.
export const shop = sandbox.replace("127.0.0.1", "localhost");
export const folder = path.dirname(setting("PGHOST"));

async function control(call, body) {
  const answer = await fetch(`${sandbox}/control/${call}`, { method: "POST", body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`/control/${call} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

// A new buyer, and their token.
export const subscribe = (order) => control("tokens", { ProductCode: "prod-legacy", ...order });
export const mint = async (order) => (await subscribe(order)).RegistrationToken;

// A signed call of the API.
export async function call(action, input) {
  const body = JSON.stringify(input);
  const file = path.join(folder, "call.json");
  await writeFile(file, body);
  const { stdout } = await exec(path.join(root, "tests/e2e/sign"), [file],
    { env: { ...process.env, HOST: new URL(sandbox).host, TARGET: `AWSMPMeteringService.${action}` } });
  const headers = Object.fromEntries(stdout.trim().split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
  const answer = await fetch(sandbox, { method: "POST", body, headers });
  return answer.json();
}

// The next ResolveCustomer meets that.
export const fault = (name) => control("faults", { Action: "ResolveCustomer", Fault: name, Count: 1 });

export const sql = (text) => exec("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text]);
export const stopDatabase = () => exec(path.join(root, "dev/cluster"), ["stop", folder]);
