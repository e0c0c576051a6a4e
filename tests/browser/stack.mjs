// The stack that tests/browser.t started: its addresses, the sandbox's control calls, and what a test may break.
import { execFile } from "node:child_process";
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

// A new buyer's token.
export async function mint(order) {
  return (await control("tokens", { ProductCode: "prod-legacy", ...order })).RegistrationToken;
}

// The next ResolveCustomer meets that.
export const fault = (name) => control("faults", { Action: "ResolveCustomer", Fault: name, Count: 1 });

export const sql = (text) => exec("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text]);
export const stopDatabase = () => exec(path.join(root, "dev/cluster"), ["stop", folder]);
