// Registrations: a buyer's POST until their page is theirs.
import { medianOf, sizes, spread, takeTurns, text, worst } from '../figures.mjs';
import { cpuOf, peakOf, resetPeak, stop, watchMachine } from '../processes.mjs';

const WARM_UP = 0.3; // of a cell's seconds
const CALL_MS = 50.5; // 50 ms held back, and half of one for the way there and back
const CELLS = [
  { delayMs: 0, connections: 256, floor: true },
  { delayMs: 50, connections: 64 },
]; // not 256 at 50 ms: by default 192 calls are under way at a time, and who comes then is asked to try again
const LEAST = 100; // registrations, of what grows
const PEER_MOST = 1e5; // a million would take it a quarter of an hour

async function startContenders(servers) {
  const tollgate = await servers.startTollgate();
  const peer = await servers.startPeer();
  const floor = await servers.startNull();
  return [
    { name: 'tollgate', child: tollgate, port: servers.port, behindNginx: true,
      empty: () => servers.sqlFile('empty'), stored: () => servers.count('SELECT count(*) FROM tollgate.customer') },
    { name: 'peer', child: peer.child, port: peer.port,
      empty: () => servers.sql('TRUNCATE customers', {}, { PGDATABASE: 'peer' }),
      stored: () => servers.count('SELECT count(*) FROM customers', { PGDATABASE: 'peer' }) },
    { name: 'floor', child: floor, port: servers.floorPort, behindNginx: true, empty() {}, stored: null },
  ];
}

// What a load cost, by 1000 of it, and what came of it.
function measure(servers, contender, connections, seconds, requests) {
  const pids = { cpu: contender.child.pid, nginx: servers.nginx.pid, postgres: servers.postmaster, mock: servers.mock.pid };
  const spent = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuOf(pid)]));
  resetPeak(contender.child.pid);
  const machine = watchMachine();
  const before = spent();
  const load = servers.load(contender.port, '/register', connections, seconds, requests);
  const after = spent();
  const result = { ...load, rate: load.good / load.seconds, errors: load.bad + load.broken, peak: peakOf(contender.child.pid), ...machine() };
  for (const name of Object.keys(pids)) result[name] = (after[name] - before[name]) / load.good * 1000;
  result.perCpu = 1000 / result.cpu;
  result.lost = contender.stored ? Math.max(0, load.good - contender.stored()) : 0;
  return result;
}

async function measureCell(servers, contenders, cell, options) {
  return takeTurns(contenders.filter((c) => cell.floor || c.stored), options.reps, async (contender) => {
    await servers.control(cell);
    servers.load(contender.port, '/register', cell.connections, options.seconds * WARM_UP);
    contender.empty();
    servers.sql('CHECKPOINT');
    return measure(servers, contender, cell.connections, options.seconds);
  });
}

const COLUMNS = [
  ['requests/s', (r) => spread(r, 'rate')], ['p50 ms', (r) => text(medianOf(r, 'p50'))], ['p99 ms', (r) => text(medianOf(r, 'p99'))],
  ['errors', (r) => worst(r.map((x) => x.errors))], ['lost rows', (r) => worst(r.map((x) => x.lost))],
  ['handler CPU s/1000', (r) => spread(r, 'cpu')], ['nginx', (r) => text(medianOf(r, 'nginx'))],
  ['PostgreSQL', (r) => text(medianOf(r, 'postgres'))], ['service', (r) => text(medianOf(r, 'mock'))],
  ['peak MiB', (r) => text(medianOf(r, 'peak'))], ['machine busy %', (r) => text(medianOf(r, 'busy'))],
  ['steal %', (r) => text(medianOf(r, 'steal'))],
];

function table(cell, results) {
  return {
    title: `Registrations: service at ${cell.delayMs} ms, ${cell.connections} connections`,
    head: ['contender', ...COLUMNS.map(([name]) => name)],
    rows: Object.entries(results).map(([name, r]) => [name, ...COLUMNS.map(([, value]) => value(r))]),
  };
}

async function grow(servers, contenders, options) {
  const series = [];
  await servers.control({});
  for (const contender of contenders.filter((c) => c.stored)) {
    const points = [];
    for (const size of sizes(options.scale, LEAST).filter((n) => contender.name !== 'peer' || n <= PEER_MOST)) {
      contender.empty();
      const r = measure(servers, contender, 64, 0, size);
      points.push({ work: size, seconds: r.seconds, cpu: (r.cpu + r.nginx + r.postgres) * size / 1000, lost: r.lost });
    }
    series.push({ name: contender.name, points });
  }
  return { file: 'registrations', title: 'Registrations stored', axis: 'registrations', series };
}

function targets(cells) {
  const [busy, slow] = cells;
  const { tollgate: t, peer: p } = busy;
  const ratio = (name) => medianOf(t, name) / medianOf(p, name);
  const possible = 64 / CALL_MS * 1000;
  const reached = medianOf(slow.tollgate, 'rate') / possible * 100;
  const p99 = medianOf(slow.tollgate, 'p99') / medianOf(slow.peer, 'p99');
  const wrong = worst(cells.flatMap((c) => c.tollgate).map((r) => r.errors + r.lost));
  const at = (cell) => `registrations, ${cell === busy ? '256 connections, 0 ms' : '64 connections, 50 ms'}`;
  return [
    { work: at(busy), what: 'requests per CPU second of the handler', goal: '≥ 5 × peer (aim 6 ×)', result: spread(t, 'perCpu'),
      ratio: `${text(ratio('perCpu'))} ×`, reached: ratio('perCpu') >= 5 },
    { work: at(busy), what: 'requests/s', goal: '≥ 3.5 × peer (aim 4.5 ×)', result: spread(t, 'rate'),
      ratio: `${text(ratio('rate'))} ×`, reached: ratio('rate') >= 3.5 },
    { work: at(busy), what: 'peak memory of the handler, MiB', goal: '≤ 48 (aim 36)', result: spread(t, 'peak'),
      ratio: `${text(ratio('peak'))} × peer`, reached: worst(t.map((r) => r.peak)) <= 48 },
    { work: at(busy), what: "PostgreSQL's CPU s/1000", goal: '≤ 0.3 × peer', result: spread(t, 'postgres'),
      ratio: `${text(ratio('postgres'))} ×`, reached: ratio('postgres') <= 0.3 },
    { work: at(slow), what: 'requests/s', goal: '≥ 90 % of what the latency allows (aim 93 %)', result: spread(slow.tollgate, 'rate'),
      ratio: `${text(reached)} %`, reached: reached >= 90 },
    { work: at(slow), what: 'p99, ms', goal: '≤ 0.75 × peer', result: spread(slow.tollgate, 'p99'), ratio: `${text(p99)} ×`, reached: p99 <= 0.75 },
    { work: 'registrations, all cells', what: 'errors and lost rows', goal: '0', result: String(wrong), ratio: '', reached: wrong === 0 },
  ];
}

export async function register(servers, options) {
  const contenders = await startContenders(servers);
  const cells = [];
  for (const cell of CELLS) cells.push(await measureCell(servers, contenders, cell, options));
  const growth = await grow(servers, contenders, options);
  for (const c of contenders) await stop(c.child);
  const lost = worst([...cells.flatMap((c) => Object.values(c).flat()), ...growth.series.flatMap((s) => s.points)].map((r) => r.lost));
  return { tables: CELLS.map((cell, i) => table(cell, cells[i])), targets: targets(cells), growth, lost };
}
