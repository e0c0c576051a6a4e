// Retries, lost connections, keys and clocks: what the SDK does by itself when the service is not well.
import assert from "node:assert/strict";

import { test } from "../browser/tap.mjs";
import { calls, client, control, credentials, failure, fault, lately, sdk, subscribe, usual } from "./client.mjs";

const buyer = await subscribe("prod-license");
const resolve = (from = usual) => from.resolveCustomer({ RegistrationToken: buyer.RegistrationToken });
const meter = (from) => from.batchMeterUsage({
  UsageRecords: [{ CustomerAWSAccountId: buyer.CustomerAWSAccountId, LicenseArn: buyer.LicenseArn, Dimension: "users", Timestamp: lately, Quantity: 2 }],
});
// How many calls of the action came meanwhile.
async function counted(action, doing) {
  const before = await calls(action);
  await doing();
  return (await calls(action)) - before;
}

for (const name of ["ThrottlingException", "InternalServiceErrorException", "ServiceUnavailable", "html503", "reset", "cut"]) {
  await test(`${name} twice: the third attempt gets the answer`, async () => {
    await fault("ResolveCustomer", name, 2);
    const seen = await counted("ResolveCustomer", async () => {
      const answer = await resolve();
      assert.equal(answer.LicenseArn, buyer.LicenseArn);
      assert.equal(answer.$metadata.attempts, 3);
      assert.ok(answer.$metadata.totalRetryDelay > 0);
    });
    assert.equal(seen, 3);
  });
}

await test("throttled three times: given up, by its class", async () => {
  await fault("ResolveCustomer", "ThrottlingException", 3);
  const seen = await counted("ResolveCustomer", async () => {
    const error = await failure(resolve());
    assert.ok(error instanceof sdk.ThrottlingException);
    assert.equal(error.$metadata.attempts, 3);
  });
  assert.equal(seen, 3);
});

await test("an answer that was lost after the commit: the retry gets the same record", async () => {
  await fault("BatchMeterUsage", "lost");
  const { Results, $metadata } = await meter(usual);
  assert.equal($metadata.attempts, 2);
  assert.equal(Results[0].Status, "Success");
  const { Records } = await control("records");
  assert.deepEqual(Records.filter((record) => record.LicenseArn === buyer.LicenseArn).map((record) => record.MeteringRecordId), [Results[0].MeteringRecordId]);
});

await test("members that no reference names are ignored", async () => {
  await fault("ResolveCustomer", "extra");
  assert.equal((await resolve()).LicenseArn, buyer.LicenseArn);
});

await test("a wrong secret is refused, and not retried", async () => {
  const other = client({ credentials: { ...credentials, secretAccessKey: `${credentials.secretAccessKey.slice(0, -1)}1` } });
  const error = await failure(resolve(other));
  assert.equal(error.name, "InvalidSignatureException");
  assert.ok(error instanceof sdk.MarketplaceMeteringServiceException);
  assert.equal(error.$metadata.httpStatusCode, 403);
  assert.equal(error.$metadata.attempts, 1);
});

await test("an unknown access key is refused", async () => {
  const error = await failure(resolve(client({ credentials: { ...credentials, accessKeyId: "AKIAIOSFODNN7EXAMPLE" } })));
  assert.equal(error.name, "UnrecognizedClientException");
});

for (const [edition, name] of [["today", "InvalidSignatureException"], ["2019", "RequestExpired"]]) {
  for (const hours of [-2, 2]) {
    await test(`a clock ${hours} h off, edition ${edition}: refused; then the SDK takes the time from the Date header`, async () => {
      await control("settings", { Edition: edition });
      await control("clock", { Now: Math.floor(Date.now() / 1000) + hours * 3600 });
      try {
        const error = await failure(resolve(client({ maxAttempts: 1 })));
        assert.equal(error.name, name);
        assert.match(error.message, hours > 0 ? /expired/ : /not yet current/);
        const skewed = client();
        const first = await resolve(skewed);
        assert.equal(first.$metadata.attempts, 2);
        assert.equal((await resolve(skewed)).$metadata.attempts, 1, "from then on it knows");
      } finally {
        await control("clock", { Now: null });
        await control("settings", { Edition: "today" });
      }
    });
  }
}

await test("within five minutes nothing is refused", async () => {
  await control("clock", { Now: Math.floor(Date.now() / 1000) + 4 * 60 });
  assert.equal((await resolve(client())).$metadata.attempts, 1);
  await control("clock", { Now: null });
});
