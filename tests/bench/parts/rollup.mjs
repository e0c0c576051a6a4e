// Roll-up: new events become lines, beside the plain GROUP BY that sums them.
import { medianOf, sizes, spread, takeTurns, text, worst } from '../figures.mjs';
import { cpuOf, watchMachine } from '../processes.mjs';

const OLD_TIMES = 5; // as many old events as new ones, times this
const HOURS = 20;
const LEAST = 200; // events, of what grows
const EVENTS_A_LINE = 10;

// The milliseconds that psql's \timing says, and the count before them.
function timed(output) {
  const ms = output.match(/^Time: ([\d.]+) ms/m);
  if (!ms) throw new Error(`psql told no time: ${output}`);
  return { seconds: Number(ms[1]) / 1000, lines: Number(output.match(/^(\d+)$/m)[1]) };
}

const contenders = {
  floor: { name: 'plain GROUP BY', run: (servers) => servers.sqlFile('group_by') },
  rollUp: { name: 'roll-up', run: (servers) => servers.sqlFile('roll_up', { seqscan: 'on' }) },
  frozen: { name: 'roll-up, every hour frozen', run: (servers) => servers.sqlFile('roll_up', { seqscan: 'on' }) },
  byIndex: { name: 'roll-up, by index', run: (servers) => servers.sqlFile('roll_up', { seqscan: 'off' }) },
  withOld: { name: 'roll-up, by index, old ones there', run: (servers) => servers.sqlFile('roll_up', { seqscan: 'off' }) },
};

function measure({ servers, ...contender }, lines) {
  servers.sql('VACUUM tollgate.rollup_line, tollgate.waiting_line, tollgate.month_sum, tollgate.rollup; CHECKPOINT');
  const machine = watchMachine();
  const before = cpuOf(servers.postmaster);
  const result = timed(contender.run(servers));
  return { ...result, postgres: cpuOf(servers.postmaster) - before, ...machine(), lost: Math.abs(lines - result.lines) };
}

function load(servers, events, lines) {
  servers.sqlFile('events', { n: events, lines });
  servers.settle();
}

const rollUp = (servers) => servers.sql('SELECT * FROM tollgate.roll_up()');

async function measureAll(servers, { events, lines, reps }) {
  const at = (where, contender) => ({ ...contender, servers: where });
  const turn = (...list) => takeTurns(list, reps, (c) => measure(c, lines));
  const history = servers.otherLedger('history');
  history.emptyLedger(lines / HOURS);
  load(history, events * OLD_TIMES, lines);
  rollUp(history);
  load(history, events, lines);
  servers.emptyLedger(lines / HOURS);
  load(servers, events, lines);
  const results = await turn(at(servers, contenders.floor), at(servers, contenders.rollUp), at(servers, contenders.byIndex), at(history, contenders.withOld));
  servers.sql('DROP DATABASE history');
  // The same again, each line's hour being in a record by now.
  rollUp(servers);
  servers.sqlFile('freeze', { newest: 2, oldest: 1 + HOURS });
  servers.sql('TRUNCATE tollgate.usage_event');
  load(servers, events, lines);
  const frozen = await turn(at(servers, contenders.floor), at(servers, contenders.frozen));
  return { ...results, 'plain GROUP BY, again': frozen[contenders.floor.name], [contenders.frozen.name]: frozen[contenders.frozen.name] };
}

// Each customer has one in each hour.
const wholeLines = (about) => Math.max(1, Math.round(about / HOURS)) * HOURS;

// Events until they are frozen records.
function grow(servers, options) {
  const points = [];
  for (const size of sizes(options.scale, LEAST)) {
    const lines = wholeLines(size / EVENTS_A_LINE);
    servers.emptyLedger(lines / HOURS);
    load(servers, size, lines);
    const before = cpuOf(servers.postmaster);
    const from = process.hrtime.bigint();
    rollUp(servers);
    servers.sqlFile('freeze', { newest: 2, oldest: 1 + HOURS });
    const seconds = Number(process.hrtime.bigint() - from) / 1e9;
    points.push({ work: size, seconds, cpu: cpuOf(servers.postmaster) - before, lost: Math.abs(lines - servers.count('SELECT count(*) FROM tollgate.open_record')) });
  }
  return { file: 'events', title: `Events rolled up and frozen, ${EVENTS_A_LINE} a record`, axis: 'events', series: [{ name: 'tollgate', points }] };
}

function targets(results, { events, lines }) {
  const of = (contender) => medianOf(results[contender.name], 'seconds');
  const work = `rolling up ${text(events)} events into ${text(lines)} lines`;
  const plain = of(contenders.rollUp) / of(contenders.floor);
  const frozen = of(contenders.frozen) / medianOf(results['plain GROUP BY, again'], 'seconds');
  const old = of(contenders.withOld) / of(contenders.byIndex);
  return [
    { work, what: 'seconds', goal: '≤ 1.6 × plain GROUP BY', result: spread(results[contenders.rollUp.name], 'seconds'), ratio: `${text(plain)} ×`, reached: plain <= 1.6 },
    { work, what: 'seconds, every hour frozen', goal: '≤ 2.5 × plain GROUP BY', result: spread(results[contenders.frozen.name], 'seconds'),
      ratio: `${text(frozen)} ×`, reached: frozen <= 2.5 },
    { work, what: `seconds, ${text(events * OLD_TIMES)} old ones there`, goal: '≤ 1.15 × without, index against index',
      result: spread(results[contenders.withOld.name], 'seconds'), ratio: `${text(old)} ×`, reached: old <= 1.15 },
  ];
}

const SHOWN = [
  ['seconds', (r) => spread(r, 'seconds')], ['PostgreSQL CPU s', (r) => spread(r, 'postgres')], ['lines wrong', (r) => worst(r.map((x) => x.lost))],
  ['machine busy %', (r) => text(medianOf(r, 'busy'))], ['steal %', (r) => text(medianOf(r, 'steal'))],
];

export async function rollup(servers, options) {
  const lines = wholeLines(Math.max(100, 1e5 * options.scale));
  const size = { events: lines * 100, lines, reps: options.reps };
  const results = await measureAll(servers, size);
  const growth = grow(servers, options);
  const lost = worst([...Object.values(results).flat(), ...growth.series[0].points].map((r) => r.lost));
  return {
    tables: [{ title: `Roll-up of ${text(size.events)} events into ${text(lines)} lines`, head: ['statement', ...SHOWN.map(([name]) => name)],
      rows: Object.entries(results).map(([name, r]) => [name, ...SHOWN.map(([, value]) => value(r))]) }],
    targets: [...targets(results, size), { work: 'rolling up', what: 'lines lost or added', goal: '0', result: String(lost), ratio: '', reached: lost === 0 }],
    growth, lost,
  };
}
