// Every action, with both identities, and what of the answers the SDK makes types of its own.
import assert from "node:assert/strict";
import { constants, createVerify } from "node:crypto";

import { test } from "../browser/tap.mjs";
import { calls, clientOf, control, failure, fault, lately, sdk, subscribe, usual, uuid } from "./client.mjs";

const legacy = await subscribe("prod-legacy");
const licensed = await subscribe("prod-license");

const without = ({ $metadata, ...answer }) => answer;

await test("ResolveCustomer, the identity of 2019", async () => {
  const answer = await usual.resolveCustomer({ RegistrationToken: legacy.RegistrationToken });
  const { CustomerIdentifier, CustomerAWSAccountId } = legacy;
  assert.deepEqual(without(answer), { CustomerIdentifier, CustomerAWSAccountId, ProductCode: "prod-legacy" });
  assert.ok(CustomerIdentifier && CustomerAWSAccountId);
});

await test("ResolveCustomer, today's identity", async () => {
  const answer = await usual.resolveCustomer({ RegistrationToken: licensed.RegistrationToken });
  const { LicenseArn, CustomerAWSAccountId } = licensed;
  assert.deepEqual(without(answer), { LicenseArn, CustomerAWSAccountId, ProductCode: "prod-license" });
  assert.match(LicenseArn, /^arn:aws:license-manager::\d{12}:license:l-/);
});

await test("an answer has AWS's request id, another one each time", async () => {
  const ask = () => usual.resolveCustomer({ RegistrationToken: legacy.RegistrationToken });
  const [one, two] = [await ask(), await ask()];
  assert.match(one.$metadata.requestId, uuid);
  assert.match(two.$metadata.requestId, uuid);
  assert.notEqual(one.$metadata.requestId, two.$metadata.requestId);
  assert.equal(one.$metadata.httpStatusCode, 200);
  assert.equal(one.$metadata.attempts, 1);
});

const oldRecord = { CustomerIdentifier: legacy.CustomerIdentifier, Dimension: "users" };
const newRecord = { CustomerAWSAccountId: licensed.CustomerAWSAccountId, LicenseArn: licensed.LicenseArn, Dimension: "users" };

await test("BatchMeterUsage, the identity of 2019: results with ids, their records with a Date", async () => {
  const records = [
    { ...oldRecord, Timestamp: lately, Quantity: 3 },
    { ...oldRecord, Timestamp: lately, Quantity: 5, Dimension: "gigabytes", UsageAllocations: [
      { AllocatedUsageQuantity: 2, Tags: [{ Key: "team", Value: "orchard" }] },
      { AllocatedUsageQuantity: 3 },
    ] },
  ];
  const answer = await usual.batchMeterUsage({ ProductCode: "prod-legacy", UsageRecords: records });
  assert.deepEqual(answer.UnprocessedRecords, []);
  assert.deepEqual(answer.Results.map((result) => result.UsageRecord), records);
  assert.ok(answer.Results.every((result) => result.UsageRecord.Timestamp instanceof Date));
  assert.deepEqual(answer.Results.map((result) => result.Status), [sdk.UsageRecordResultStatus.SUCCESS, sdk.UsageRecordResultStatus.SUCCESS]);
  for (const result of answer.Results) assert.match(result.MeteringRecordId, uuid);

  const again = await usual.batchMeterUsage({ ProductCode: "prod-legacy", UsageRecords: records });
  assert.deepEqual(again.Results, answer.Results, "a repeat is the same record");
  const more = await usual.batchMeterUsage({ ProductCode: "prod-legacy", UsageRecords: [{ ...records[0], Quantity: 4 }] });
  assert.equal(more.Results[0].Status, sdk.UsageRecordResultStatus.DUPLICATE_RECORD);
  assert.equal(more.Results[0].MeteringRecordId, undefined);
});

await test("BatchMeterUsage, today's identity: licenses and no product; who has ended is not subscribed", async () => {
  const gone = await subscribe("prod-license", { SubscribedAt: Date.now() / 1000 - 86400 * 3 });
  await control("settings", { GraceSeconds: 0 });
  await control("subscriptions/end", { LicenseArn: gone.LicenseArn });
  const records = [
    { ...newRecord, Timestamp: lately, Quantity: 7 },
    { CustomerAWSAccountId: gone.CustomerAWSAccountId, LicenseArn: gone.LicenseArn, Dimension: "users", Timestamp: new Date(), Quantity: 1 },
  ];
  const answer = await usual.batchMeterUsage({ UsageRecords: records });
  assert.deepEqual(answer.Results.map((result) => result.UsageRecord), records);
  assert.deepEqual(answer.Results.map((result) => result.Status), ["Success", sdk.UsageRecordResultStatus.CUSTOMER_NOT_SUBSCRIBED]);
  const { Records } = await control("records");
  assert.equal(Records.filter((record) => record.LicenseArn === licensed.LicenseArn).length, 1);
});

await test("BatchMeterUsage: records that were not processed come back as they were sent", async () => {
  const records = [{ ...newRecord, Timestamp: lately, Quantity: 1, Dimension: "gigabytes" }, { ...newRecord, Timestamp: lately, Quantity: 2, Dimension: "requests" }];
  await fault("BatchMeterUsage", "unprocessed");
  const answer = await usual.batchMeterUsage({ UsageRecords: records });
  assert.deepEqual([answer.Results, answer.UnprocessedRecords], [[], records]);
  const second = await usual.batchMeterUsage({ UsageRecords: answer.UnprocessedRecords });
  assert.deepEqual(second.Results.map((result) => result.Status), ["Success", "Success"]);
});

await test("BatchMeterUsage without records", async () => {
  assert.deepEqual(without(await usual.batchMeterUsage({ ProductCode: "prod-legacy", UsageRecords: [] })), { Results: [], UnprocessedRecords: [] });
});

const hourly = { ProductCode: "prod-legacy", UsageDimension: "users", Timestamp: lately, UsageQuantity: 4 };

await test("MeterUsage: the same hour again, with the SDK's next ClientToken, is the same record", async () => {
  const answer = await usual.meterUsage(hourly);
  assert.match(answer.MeteringRecordId, uuid);
  assert.equal((await usual.meterUsage(hourly)).MeteringRecordId, answer.MeteringRecordId);
});

await test("MeterUsage with DryRun tells whether it may, and meters nothing", async () => {
  const { Usage } = await control("usage");
  const error = await failure(usual.meterUsage({ ...hourly, UsageQuantity: 9, DryRun: true }));
  assert.equal(error.name, "DryRunOperation");
  assert.ok(error instanceof sdk.MarketplaceMeteringServiceException);
  await control("callers", { SessionToken: "sdk-nobody", CustomerAWSAccountId: "111122223333", Platform: "none", Region: "us-east-1" });
  const refused = await failure(clientOf("sdk-nobody").meterUsage({ ...hourly, DryRun: true }));
  assert.equal(refused.name, "UnauthorizedException");
  assert.deepEqual((await control("usage")).Usage, Usage);
});

await test("RegisterUsage: a signature that Node's crypto verifies, over what was asked", async () => {
  const answer = await usual.registerUsage({ ProductCode: "prod-legacy", PublicKeyVersion: 1, Nonce: "2ead20e4-1" });
  assert.equal(answer.PublicKeyRotationTimestamp, undefined);
  const [header, payload, signature] = answer.Signature.split(".");
  const key = { key: await control("keys/1"), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const holds = (text) => createVerify("RSA-SHA256").update(text).verify(key, signature, "base64url");
  const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
  assert.ok(holds(`${header}.${payload}`));
  assert.ok(!holds(`${header}.${payload}x`));
  assert.equal(read(header).alg, "PS256");
  const { ProductCode, PublicKeyVersion, Nonce } = read(payload);
  assert.deepEqual({ ProductCode, PublicKeyVersion, Nonce }, { ProductCode: "prod-legacy", PublicKeyVersion: 1, Nonce: "2ead20e4-1" });
});

await test("RegisterUsage: the time of a key's rotation is a Date", async () => {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000 - 1000);
  await control("keys", { RotatedAt: at.getTime() / 1000 });
  const answer = await usual.registerUsage({ ProductCode: "prod-legacy", PublicKeyVersion: 1 });
  assert.deepEqual(answer.PublicKeyRotationTimestamp, at);
});

await test("each call went out once", async () => {
  assert.equal(await calls("RegisterUsage"), 2);
  assert.equal(await calls("MeterUsage"), 4);
});
