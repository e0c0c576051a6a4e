// Sends the usage records that AWS has not had: read page by page ahead of need, 25 a call, 16 calls at a time; answers
// that come while an UPDATE is under way go into the next one together.
import { BatchMeterUsageCommand } from '@aws-sdk/client-marketplace-metering';
import { makeClient, makePool } from './settings.mjs';

const PRODUCT = 'prod-bench';
const BATCH = 25;
const CALLS = 16;
const PAGE = 4000;

const aws = makeClient(CALLS);
const pool = makePool(2);

const select = {
  name: 'unsent',
  text: `SELECT id, customer_identifier, dimension, quantity, used_at FROM usage_records
    WHERE sent_at IS NULL AND id > $1 ORDER BY id LIMIT ${PAGE}`,
};
const mark = {
  name: 'mark',
  text: `UPDATE usage_records r SET sent_at = now(), status = a.status, metering_record_id = a.metering_record_id
    FROM unnest($1::bigint[], $2::text[], $3::text[]) a (id, status, metering_record_id) WHERE r.id = a.id`,
};

const read = async (after) => (await pool.query({ ...select, values: [after] })).rows;

async function* batches() {
  let page = await read(0);
  while (page.length > 0) {
    const next = read(page[page.length - 1].id);
    for (let at = 0; at < page.length; at += BATCH) yield page.slice(at, at + BATCH);
    page = await next;
  }
}

const recordOf = (row) => ({
  Timestamp: row.used_at, CustomerIdentifier: row.customer_identifier, Dimension: row.dimension, Quantity: row.quantity,
});

let answered = { ids: [], statuses: [], recordIds: [] };
let storing = Promise.resolve();
let queued = false;

async function store() {
  queued = false;
  const now = answered;
  answered = { ids: [], statuses: [], recordIds: [] };
  if (now.ids.length > 0) await pool.query({ ...mark, values: [now.ids, now.statuses, now.recordIds] });
}

async function send(rows) {
  const answer = await aws.send(new BatchMeterUsageCommand({ ProductCode: PRODUCT, UsageRecords: rows.map(recordOf) }));
  const byKey = new Map(rows.map((row) => [`${row.customer_identifier} ${row.dimension} ${Math.floor(row.used_at / 1000)}`, row.id]));
  for (const { UsageRecord: record, Status: status, MeteringRecordId: recordId } of answer.Results) {
    const id = byKey.get(`${record.CustomerIdentifier} ${record.Dimension} ${Math.floor(record.Timestamp / 1000)}`);
    answered.ids.push(id);
    answered.statuses.push(status);
    answered.recordIds.push(recordId);
  }
  if (!queued) {
    queued = true;
    storing = storing.then(store);
  }
}

// One source for all: an async generator hands out one batch at a time.
const source = batches();
async function lane() {
  for (let next = await source.next(); !next.done; next = await source.next()) await send(next.value);
}
await Promise.all(Array.from({ length: CALLS }, lane));
await storing;
await pool.end();
aws.destroy();
