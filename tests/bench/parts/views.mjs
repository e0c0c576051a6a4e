// What an admin asks in psql, by the names of sql/psqlrc, of a ledger of a million records.
import { join } from 'node:path';
import { median, rest, text, worst } from '../figures.mjs';
import { run } from '../processes.mjs';
import { freezeRecords, runMeter } from './meter.mjs';

const HOURS = 20; // of which the latest two stay open: a tenth
const OPEN_HOURS = 2;
const REFUSE_EVERY = 1000; // records, so that there is something to show
const ASKED = { balance: 100, refused: 100, atrisk: 100, runs: 100, waiting: 150 }; // milliseconds at most
const TIMES = 5; // each repetition
const REFUSED = 65; // the meter's exit status where AWS refused records

async function load(servers, records) {
  await servers.control({ refuseEvery: REFUSE_EVERY });
  servers.makeState();
  const customers = Math.ceil(records / HOURS);
  freezeRecords(servers, customers * HOURS, 2 + OPEN_HOURS);
  runMeter(servers, 0, [REFUSED]);
  servers.sql('VACUUM'); // as autovacuum does after a run, and before the next one
  servers.sqlFile('usage', { newest: 2, oldest: 1 + OPEN_HOURS });
  servers.sql('SELECT * FROM tollgate.roll_up()');
  servers.sqlFile('freeze', { newest: 2, oldest: 1 + OPEN_HOURS });
  // Of the last hour, which is not over: usage that waits.
  servers.sqlFile('usage', { newest: 0, oldest: 0 });
  servers.sql('SELECT * FROM tollgate.roll_up()');
  servers.settle();
}

// All statements behind a name, one after the other, in a session of their own.
function ask(servers, name) {
  const said = run('psql', ['-q'], { input: `\\timing on\n:${name}\n`, env: servers.env({ PSQLRC: join(servers.root, 'sql/psqlrc'), PAGER: 'cat' }) });
  const times = [...said.matchAll(/^Time: ([\d.]+) ms/gm)].map((m) => Number(m[1]));
  if (times.length === 0) throw new Error(`:${name} told no time: ${said.slice(0, 1000)}`);
  return { ms: times.reduce((a, b) => a + b, 0), rows: said.split('\n').filter((line) => line.includes('|')).length };
}

const scans = (servers) => servers.count(`SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables
  WHERE relid = 'tollgate.usage_event'::regclass`);

export async function views(servers, options) {
  const records = Math.max(2000, 1e6 * options.scale);
  await load(servers, records);
  const [all, open] = servers.sql('SELECT count(*) FROM tollgate.metering_record; SELECT count(*) FROM tollgate.open_record').split('\n').map(Number);
  const before = scans(servers);
  const results = {};
  for (let i = 0; i < options.reps * TIMES; i++) {
    await rest();
    for (const name of Object.keys(ASKED)) (results[name] ??= []).push(ask(servers, name));
  }
  const scanned = scans(servers) - before;
  const ms = (name) => results[name].map((r) => r.ms);
  return {
    tables: [{ title: `What an admin asks of ${text(all)} records, ${text(open)} of them open`, head: ['name', 'ms', 'most ms', 'lines shown'],
      rows: Object.keys(ASKED).map((name) => [`:${name}`, text(median(ms(name))), text(worst(ms(name))), results[name][0].rows]) }],
    targets: [
      ...Object.entries(ASKED).map(([name, most]) => ({ work: `:${name}, ${text(all)} records, ${text(open)} open`, what: 'ms', goal: `< ${most}`,
        result: `${text(median(ms(name)))} (${text(Math.min(...ms(name)))}–${text(worst(ms(name)))})`, ratio: '', reached: median(ms(name)) < most })),
      { work: 'all of them', what: 'scans of usage events', goal: '0', result: String(scanned), ratio: '', reached: scanned === 0 },
    ],
    lost: 0,
  };
}
