// Every exception class that the SDK exports for this client: raised by what it is for, and as an ordered fault. The
// list comes from the SDK, so a class that the table lacks, or a case that raises none, fails.
import assert from "node:assert/strict";

import { test } from "../browser/tap.mjs";
import { client, clientOf, control, failure, fault, lately, sdk, subscribe, usual, uuid } from "./client.mjs";

const classes = Object.entries(sdk)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof sdk.MarketplaceMeteringServiceException)
  .map(([name]) => name);

const legacy = await subscribe("prod-legacy");
const licensed = await subscribe("prod-license");
const callers = [["ecs", "ecs"], ["ec2", "ec2"], ["stranger", "ecs"]];
for (const [name, Platform] of callers) {
  const CustomerAWSAccountId = name === "stranger" ? "444455556666" : legacy.CustomerAWSAccountId;
  await control("callers", { SessionToken: `sdk-${name}`, CustomerAWSAccountId, Platform, Region: "eu-west-1" });
}
const as = (name, region = "eu-west-1") => clientOf(`sdk-${name}`, { region });
const once = (settings) => client({ maxAttempts: 1, ...settings });

const batch = (record, from = usual) => from.batchMeterUsage({
  ProductCode: "prod-legacy",
  UsageRecords: [{ CustomerIdentifier: legacy.CustomerIdentifier, Dimension: "users", Timestamp: lately, Quantity: 2, ...record }],
});
const license = (LicenseArn) => usual.batchMeterUsage({
  UsageRecords: [{ CustomerAWSAccountId: licensed.CustomerAWSAccountId, LicenseArn, Dimension: "users", Timestamp: lately, Quantity: 2 }],
});
const tags = (...pairs) => pairs.map(([Key, Value]) => ({ Key, Value }));
const meter = (from, more) => from.meterUsage({ ProductCode: "prod-legacy", UsageDimension: "requests", Timestamp: lately, UsageQuantity: 2, ...more });
const register = (from, more) => from.registerUsage({ ProductCode: "prod-legacy", PublicKeyVersion: 1, ...more });
const resolve = (RegistrationToken) => usual.resolveCustomer({ RegistrationToken });

// What raises each.
const raises = {
  CustomerNotEntitledException: () => register(as("stranger")),
  DisabledApiException: () => batch({}, client({ region: "ca-west-1" })),
  DuplicateRequestException: async () => { await meter(as("ecs")); await meter(as("ecs"), { UsageQuantity: 3 }); },
  ExpiredTokenException: async () => resolve((await subscribe("prod-legacy", { Kind: "expired" })).RegistrationToken),
  IdempotencyConflictException: async () => {
    await meter(as("ecs"), { ClientToken: "one", UsageDimension: "users" });
    await meter(as("ecs"), { ClientToken: "one", UsageDimension: "users", UsageQuantity: 3 });
  },
  InternalServiceErrorException: async () => { await fault("BatchMeterUsage", "InternalServiceErrorException"); await batch({}, once()); },
  InvalidCustomerIdentifierException: () => batch({ CustomerIdentifier: "cust-of-nobody" }),
  InvalidEndpointRegionException: () => meter(as("ecs", "us-east-1")),
  InvalidLicenseException: () => license(`${licensed.LicenseArn}0`),
  InvalidProductCodeException: () => usual.batchMeterUsage({ ProductCode: "no-such", UsageRecords: [] }),
  InvalidPublicKeyVersionException: () => register(usual, { PublicKeyVersion: 99 }),
  InvalidRegionException: () => register(as("ecs", "us-east-1")),
  InvalidTagException: () => batch({ UsageAllocations: [{ AllocatedUsageQuantity: 2, Tags: tags(["a", "1"], ["a", "2"]) }] }),
  InvalidTokenException: () => resolve("nobody-made-this"),
  InvalidUsageAllocationsException: () => batch({ UsageAllocations: [{ AllocatedUsageQuantity: 1 }] }),
  InvalidUsageDimensionException: () => batch({ Dimension: "no-such" }),
  PlatformNotSupportedException: () => register(as("ec2")),
  ThrottlingException: async () => {
    await control("rate", { CallsPerSecond: 1 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => batch({}, once())));
    await control("rate", { CallsPerSecond: 0 });
    throw results.find((result) => result.status === "rejected")?.reason ?? new Error("none was throttled");
  },
  TimestampOutOfBoundsException: () => batch({ Timestamp: new Date(Date.now() - 40 * 86_400_000) }),
};

const retryable = ["InternalServiceErrorException", "ThrottlingException"];

// Of ResolveCustomer it is the buyer's token that has expired; of the others, the session that the call is signed with.
const status = (name, action) => (name === "InternalServiceErrorException" ? 500 : name === "ExpiredTokenException" && action !== "ResolveCustomer" ? 403 : 400);

function isRaised(error, name, action = "ResolveCustomer") {
  assert.ok(error instanceof sdk[name], `${name} wanted, not ${error.stack}`);
  assert.equal(error.name, name);
  assert.equal(error.$metadata.httpStatusCode, status(name, action));
  assert.equal(error.$fault, name === "InternalServiceErrorException" ? "server" : "client");
  assert.match(error.$metadata.requestId, uuid);
  assert.ok(error.message.length > 5, "it has AWS's message");
}

await test(`the table has each of the ${classes.length} exception classes of the SDK, and no other`, () => {
  assert.ok(classes.length >= 19);
  assert.deepEqual(Object.keys(raises).sort(), classes.sort());
});

for (const name of classes) {
  await test(`${name} is raised by what it is for`, async () => {
    isRaised(await failure(raises[name]()), name);
  });
}

const operations = {
  BatchMeterUsage: () => batch({}, once()),
  MeterUsage: () => meter(once()),
  RegisterUsage: () => register(once()),
  ResolveCustomer: () => once().resolveCustomer({ RegistrationToken: legacy.RegistrationToken }),
};

for (const [action, ask] of Object.entries(operations)) {
  await test(`${action}: each class, as an ordered fault`, async () => {
    for (const name of classes) {
      await fault(action, name);
      isRaised(await failure(ask()), name, action);
    }
    const answer = await ask();
    assert.equal(answer.$metadata.attempts, 1);
  });
}

await test("the SDK asks again after those that are the service's fault, and after no other", async () => {
  for (const name of classes) {
    await fault("ResolveCustomer", name, 1);
    const answer = await usual.resolveCustomer({ RegistrationToken: legacy.RegistrationToken }).catch((error) => error);
    assert.equal(answer.$metadata.attempts, retryable.includes(name) ? 2 : 1, name);
  }
});
