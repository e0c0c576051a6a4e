// The sandbox's console: what was metered and what it would cost, and the calls with their errors.
import assert from "node:assert/strict";
import { inspect } from "./inspect.mjs";
import { call, sandbox, subscribe } from "./stack.mjs";
import { visit } from "./visitor.mjs";

const hourAgo = Math.floor(Date.now() / 1000) - 3600;
const buyer = await subscribe({ ResolveShape: { LicenseArn: "set" } });
const usage = { Timestamp: hourAgo, Dimension: "users", Quantity: 3 };
const byCode = { ProductCode: "prod-legacy", UsageRecords: [{ ...usage, CustomerIdentifier: buyer.CustomerIdentifier }] };
const byLicense = { UsageRecords: [{ ...usage, CustomerAWSAccountId: buyer.CustomerAWSAccountId, LicenseArn: buyer.LicenseArn }] };

const row = (page, ...texts) => texts.reduce((rows, text) => rows.filter({ hasText: text }), page.getByRole("row"));

for (const [width, script] of [[360, true], [1280, true], [1280, false]]) {
  await visit(`the console shows bills, records and calls at ${width} px, ${script ? "with" : "without"} JavaScript`, { width, script },
    async (visitor, page) => {
      assert.equal((await call("BatchMeterUsage", byCode)).Results[0].Status, "Success");
      assert.equal((await call("BatchMeterUsage", { UsageRecords: [{ ...usage }] })).__type, "ValidationException");
      assert.ok((await call("MeterUsage", { ProductCode: "prod-legacy", Timestamp: hourAgo, UsageDimension: "gigabytes", UsageQuantity: 40 })).MeteringRecordId);
      const answer = await page.goto(`${sandbox}/console`);
      assert.equal((await answer.allHeaders()).refresh, "5", "it does not refresh by itself");
      assert.match(await row(page, buyer.CustomerAWSAccountId, "$36.00").first().innerText(), /prod-legacy/);
      assert.equal(await row(page, "BatchMeterUsage", "ValidationException").count() > 0, true, "an error does not show");
      assert.equal(await row(page, "ECS", "$4.00").count() > 0, true, "usage of a container does not show");
      await visitor.press("Make it stand still", "link");
      await inspect(visitor, "console");
    });
}

await visit("the console says what is billed twice", {}, async (visitor, page) => {
  assert.equal((await call("BatchMeterUsage", byLicense)).Results[0].Status, "Success");
  const answer = await page.goto(`${sandbox}/console?still`);
  assert.equal((await answer.allHeaders()).refresh, undefined);
  assert.equal(await row(page, buyer.CustomerAWSAccountId, "Billed twice").count(), 2);
  await inspect(visitor, "console-twice", ["light"]);
});
