// COPY of usage events, as an app sends them, into Tollgate's table and into bare ones.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf, spread, takeTurns, text, worst } from '../figures.mjs';
import { cpuOf, run, watchMachine } from '../processes.mjs';

const CUSTOMERS = 5000;
const COLUMNS = 'customer_id, dimension, quantity, used_at';

function contenders() {
  const keyed = `${COLUMNS}, idempotency_key`;
  return [
    { name: 'tollgate', table: 'tollgate.usage_event', columns: COLUMNS, file: 'events.csv' },
    { name: 'bare table', table: 'bare.event', columns: COLUMNS, file: 'events.csv' },
    { name: 'tollgate, keys', table: 'tollgate.usage_event', columns: keyed, file: 'keyed.csv' },
    { name: 'bare table with the unique index, keys', table: 'bare.keyed_event', columns: keyed, file: 'keyed.csv' },
  ];
}

function makeFiles(servers, rows) {
  const csv = `${servers.sqlFile('csv', { n: rows, customers: CUSTOMERS }).split('\n').slice(-rows).join('\n')}\n`;
  writeFileSync(join(servers.dir, 'keyed.csv'), csv);
  writeFileSync(join(servers.dir, 'events.csv'), csv.replaceAll(/,[^,\n]*$/gm, ''));
}

function measure(servers, contender, rows) {
  servers.sql(`TRUNCATE ${contender.table}; CHECKPOINT`);
  const machine = watchMachine();
  const before = cpuOf(servers.postmaster);
  const from = process.hrtime.bigint();
  run('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', `\\copy ${contender.table} (${contender.columns}) FROM '${join(servers.dir, contender.file)}' CSV`],
    { env: servers.env() });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  return { seconds, rate: rows / seconds, postgres: cpuOf(servers.postmaster) - before, ...machine(),
    lost: Math.max(0, rows - servers.count(`SELECT count(*) FROM ${contender.table}`)) };
}

const SHOWN = [
  ['seconds', (r) => spread(r, 'seconds')], ['rows/s', (r) => spread(r, 'rate')], ['PostgreSQL CPU s', (r) => text(medianOf(r, 'postgres'))],
  ['lost rows', (r) => worst(r.map((x) => x.lost))], ['machine busy %', (r) => text(medianOf(r, 'busy'))], ['steal %', (r) => text(medianOf(r, 'steal'))],
];

export async function copy(servers, options) {
  const rows = Math.max(1000, 1e6 * options.scale);
  servers.emptyLedger(CUSTOMERS);
  servers.sqlFile('copy_tables');
  makeFiles(servers, rows);
  const results = await takeTurns(contenders(), options.reps, (c) => measure(servers, c, rows));
  servers.sql('DROP SCHEMA bare CASCADE');
  const target = (what, name, floor, least) => {
    const ratio = medianOf(results[name], 'rate') / medianOf(results[floor], 'rate');
    return { work: `COPY of ${text(rows)} usage events`, what: `rows/s, ${what}`, goal: `≥ ${least} × bare`, result: spread(results[name], 'rate'),
      ratio: `${text(ratio)} ×`, reached: ratio >= least };
  };
  const lost = worst(Object.values(results).flat().map((r) => r.lost));
  return {
    tables: [{ title: `COPY of ${text(rows)} usage events of ${text(CUSTOMERS)} customers`, head: ['into', ...SHOWN.map(([name]) => name)],
      rows: Object.entries(results).map(([name, r]) => [name, ...SHOWN.map(([, value]) => value(r))]) }],
    targets: [
      target('without keys', 'tollgate', 'bare table', 0.4),
      target('with keys', 'tollgate, keys', 'bare table with the unique index, keys', 0.5),
      { work: 'COPY', what: 'lost rows', goal: '0', result: String(lost), ratio: '', reached: lost === 0 },
    ],
    lost,
  };
}
