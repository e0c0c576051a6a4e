// AWS's own client against the stack that tests/sdk.t started, as a seller's program has it: nothing of it is changed.
import * as sdk from "@aws-sdk/client-marketplace-metering";

function setting(name) {
  if (!process.env[name]) throw new Error(`${name} is not set; start these tests by tests/sdk.t`);
  return process.env[name];
}

const sandbox = setting("SANDBOX_URL");
export { sdk };
export const credentials = { accessKeyId: setting("AWS_ACCESS_KEY_ID"), secretAccessKey: setting("AWS_SECRET_ACCESS_KEY") };

// The endpoint comes from AWS_ENDPOINT_URL_MARKETPLACE_METERING, the region and the keys from AWS_* too.
export const client = (settings) => new sdk.MarketplaceMetering(settings);
export const usual = client();

// A client that a container has: known by its session token.
export const clientOf = (sessionToken, settings) => client({ credentials: { ...credentials, sessionToken }, ...settings });

export async function control(call, body) {
  const answer = await fetch(`${sandbox}/control/${call}`, body && { method: "POST", body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`/control/${call} answered ${answer.status}: ${text}`);
  return text.startsWith("{") ? JSON.parse(text) : text;
}

// The next calls of the action meet that.
export const fault = (Action, Fault, Count = 1, more = {}) => control("faults", { Action, Fault, Count, ...more });

export async function calls(action) {
  const { Calls } = await control("calls");
  return Calls.find((call) => call.Action === action).Count;
}

// A new buyer: RegistrationToken, CustomerIdentifier, CustomerAWSAccountId, LicenseArn.
export const subscribe = (ProductCode, more = {}) => control("tokens", { ProductCode, ...more });

// A time some minutes ago, the same for all; with a fraction of a second, which has to survive.
export const lately = new Date(Math.floor(Date.now() / 1000 - 600) * 1000 + 250);

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// What a promise fails with.
export async function failure(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail: ${JSON.stringify(answer)}`);
}
