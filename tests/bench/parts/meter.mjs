// Metering: frozen records, sent with BatchMeterUsage.
import { join } from 'node:path';
import { medianOf, sizes, spread, takeTurns, text, worst } from '../figures.mjs';
import { cpuOf, watchMachine } from '../processes.mjs';

const HOURS = 20; // of usage, the latest two hours old
const CALL_MS = 50.5;
const CEILING = 16 * 25 / CALL_MS * 1000; // records/s that 16 calls at a time allow
const QUOTA = 250; // records/s that AWS's quota of 10 calls a second allows
const LEAST = 100; // records, of what grows
const SAME = 1.05; // times: two runs of the same differ by as much in what malloc keeps and the stacks touched

// So many frozen records that no call was made for. The first run of a day audits the ledger; that is measured apart.
export function freezeRecords(servers, records, newest = 2) {
  servers.emptyLedger(Math.ceil(records / HOURS));
  servers.sqlFile('usage', { newest, oldest: 1 + HOURS });
  servers.sql('VACUUM ANALYZE tollgate.usage_event, tollgate.customer');
  servers.sql('SELECT * FROM tollgate.roll_up()');
  servers.sqlFile('freeze', { newest, oldest: 1 + HOURS });
  servers.sql('INSERT INTO tollgate.ledger_audit (audited_at, problems) VALUES (tollgate.ledger_time(), 0)');
  return servers.count('SELECT count(*) FROM tollgate.open_record');
}

export function runMeter(servers, callsPerSecond, statuses) {
  return servers.spend('tollgate-meter', join(servers.root, 'build/tollgate-meter'), ['--quiet'], servers.env({
    ...servers.aws(), ...servers.malloc('tollgate-meter'), PGUSER: 'tollgate_meter', TOLLGATE_STATE_DIR: servers.stateDir,
    TOLLGATE_METER_CALLS_PER_SECOND: String(callsPerSecond),
  }), statuses);
}

const contenders = (servers) => [
  { name: 'tollgate',
    load(n) { servers.makeState(); return freezeRecords(servers, n); },
    run: (n, rate) => runMeter(servers, rate),
    stored: () => servers.count("SELECT count(*) FROM tollgate.metering_result WHERE outcome = 'billed' AND metering_record_id IS NOT NULL") },
  { name: 'peer',
    load(n) { servers.sqlFile('peer_records', { n }, { PGDATABASE: 'peer' }); return n; },
    run: () => servers.spend('peer-meter', process.execPath, [join(servers.root, 'tests/bench/peer/meter.mjs')],
      servers.env({ ...servers.aws(), PGDATABASE: 'peer', NODE_ENV: 'production' })),
    stored: () => servers.count('SELECT count(DISTINCT metering_record_id) FROM usage_records WHERE sent_at IS NOT NULL', { PGDATABASE: 'peer' }) },
  { name: 'floor',
    load: (n) => n,
    run: (n) => servers.spend('calls', join(servers.programs, 'calls'), [servers.mockUrl, String(n)], servers.base),
    stored: null },
];

async function measure(servers, contender, { records, delayMs, rate = 0 }) {
  const n = contender.load(records);
  if (contender.stored) servers.settle(contender.name === 'peer' ? 'peer' : 'tollgate');
  await servers.control({ delayMs });
  const machine = watchMachine();
  const before = cpuOf(servers.postmaster);
  const spent = contender.run(n, rate);
  const postgres = cpuOf(servers.postmaster) - before;
  const counted = await servers.control({});
  return { ...spent, ...machine(), records: n, rate: n / spent.seconds, postgres, calls: counted.calls,
    lost: Math.max(0, n - (contender.stored ? contender.stored() : counted.metered)), twice: Math.max(0, counted.metered - n) };
}

const COLUMNS = [
  ['seconds', (r) => spread(r, 'seconds')], ['records/s', (r) => spread(r, 'rate')], ['calls', (r) => text(medianOf(r, 'calls'))],
  ['program CPU s', (r) => spread(r, 'cpu')], ['PostgreSQL CPU s', (r) => text(medianOf(r, 'postgres'))],
  ['peak MiB', (r) => text(medianOf(r, 'peak'))], ['lost rows', (r) => worst(r.map((x) => x.lost))],
  ['sent twice', (r) => worst(r.map((x) => x.twice))], ['machine busy %', (r) => text(medianOf(r, 'busy'))],
  ['steal %', (r) => text(medianOf(r, 'steal'))],
];

const table = (title, results) => ({
  title,
  head: ['program', ...COLUMNS.map(([name]) => name)],
  rows: Object.entries(results).map(([name, r]) => [name, ...COLUMNS.map(([, value]) => value(r))]),
});

// Of all that the last run billed.
function audit(servers) {
  const before = cpuOf(servers.postmaster);
  const began = performance.now();
  const problems = servers.count('SELECT count(*) FROM tollgate.audit_ledger()');
  return { seconds: (performance.now() - began) / 1000, postgres: cpuOf(servers.postmaster) - before, problems };
}

async function grow(servers, options, all) {
  const series = all.filter((c) => c.stored).map((c) => ({ name: c.name, points: [] }));
  for (const size of sizes(options.scale, LEAST)) {
    for (const s of series) {
      const r = await measure(servers, all.find((c) => c.name === s.name), { records: size, delayMs: 0 });
      s.points.push({ work: r.records, seconds: r.seconds, cpu: r.cpu + r.postgres, peak: r.peak, lost: r.lost });
    }
  }
  return { file: 'records', title: 'Records sent, service at 0 ms', axis: 'records', series };
}

function targets(fast, slow, limited, growth) {
  const rate = medianOf(fast.tollgate, 'rate') / medianOf(fast.peer, 'rate');
  const cpu = medianOf(fast.tollgate, 'cpu') / medianOf(fast.peer, 'cpu');
  const ceiling = medianOf(slow.tollgate, 'rate') / CEILING * 100;
  const quota = medianOf(limited.tollgate, 'rate') / QUOTA * 100;
  const points = growth.series.find((s) => s.name === 'tollgate').points;
  const large = points[points.length - 1];
  const small = points[Math.max(0, points.length - 3)]; // a hundredth of it
  const wrong = worst([...fast.tollgate, ...slow.tollgate, ...limited.tollgate].map((r) => r.lost + r.twice).concat(points.map((p) => p.lost)));
  return [
    { work: 'metering, 0 ms, no rate limit', what: 'records/s', goal: '≥ 4 × peer', result: spread(fast.tollgate, 'rate'), ratio: `${text(rate)} ×`, reached: rate >= 4 },
    { work: 'metering, 0 ms, no rate limit', what: 'CPU s of the program', goal: '≤ 1/6 of peer', result: spread(fast.tollgate, 'cpu'),
      ratio: `1/${text(1 / cpu)}`, reached: cpu <= 1 / 6 },
    { work: 'metering, 50 ms, 16 calls in flight', what: 'records/s', goal: '≥ 95 % of the ceiling', result: spread(slow.tollgate, 'rate'),
      ratio: `${text(ceiling)} %`, reached: ceiling >= 95 },
    { work: 'metering, 50 ms, default rate limit', what: 'records/s', goal: '≥ 98 % of 250', result: spread(limited.tollgate, 'rate'),
      ratio: `${text(quota)} %`, reached: quota >= 98 },
    { work: `memory of tollgate-meter, ${text(large.work)} records`, what: 'peak MiB', goal: `≤ 32, and no more than at ${text(small.work)} (by ${SAME} ×)`,
      result: `${text(large.peak)}, at ${text(small.work)}: ${text(small.peak)}`, ratio: `${text(large.peak / small.peak)} ×`,
      reached: large.peak <= 32 && large.peak <= small.peak * SAME },
    { work: 'metering, all cells', what: 'records lost or sent twice', goal: '0', result: String(wrong), ratio: '', reached: wrong === 0 },
  ];
}

export async function meter(servers, options) {
  const all = contenders(servers);
  const records = Math.max(500, 100_000 * options.scale);
  const few = Math.max(500, Math.min(10_000, 100_000 * options.scale));
  const fast = await takeTurns(all, options.reps, (c) => measure(servers, c, { records, delayMs: 0 }));
  const slow = await takeTurns(all, options.reps, (c) => measure(servers, c, { records, delayMs: 50 }));
  const audited = await takeTurns([{ name: 'audit' }], options.reps, async () => {
    await measure(servers, all[0], { records, delayMs: 0 });
    return audit(servers);
  });
  const limited = await takeTurns(all.slice(0, 1), options.reps, (c) => measure(servers, c, { records: few, delayMs: 50, rate: 10 }));
  const growth = await grow(servers, options, all);
  const results = targets(fast, slow, limited, growth);
  return {
    tables: [
      table(`Metering: ${text(records)} records, service at 0 ms, no rate limit`, fast),
      table(`Metering: ${text(records)} records, service at 50 ms, no rate limit (${text(CEILING)} records/s are possible)`, slow),
      { title: `The audit of the ledger, which the first run of a day does, after ${text(records)} records`,
        head: ['seconds', 'PostgreSQL CPU s', 'problems found'],
        rows: [[spread(audited.audit, 'seconds'), text(medianOf(audited.audit, 'postgres')), worst(audited.audit.map((r) => r.problems))]] },
      table(`Metering: ${text(few)} records, service at 50 ms, AWS's quota of 10 calls a second`, limited),
    ],
    targets: results, growth,
    lost: worst([...Object.values(fast), ...Object.values(slow), ...Object.values(limited)].flat().map((r) => r.lost)),
  };
}
