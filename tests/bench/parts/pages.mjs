// Pages that ask nobody: beside nginx and libfcgi with nothing behind.
import { medianOf, spread, takeTurns, text, worst } from '../figures.mjs';
import { cpuOf, stop, watchMachine } from '../processes.mjs';

const CONNECTIONS = 64;
const WARM_UP = 0.2; // of a cell's seconds

function measure(servers, contender, seconds) {
  servers.load(contender.port, contender.path, CONNECTIONS, seconds * WARM_UP);
  const pids = [contender.child.pid, servers.nginx.pid];
  const machine = watchMachine();
  const before = pids.map(cpuOf);
  const load = servers.load(contender.port, contender.path, CONNECTIONS, seconds);
  const [program, nginx] = pids.map((pid, i) => (cpuOf(pid) - before[i]) / load.good * 1000);
  return { ...load, ...machine(), rate: load.good / load.seconds, program, nginx, both: program + nginx, errors: load.bad + load.broken };
}

const SHOWN = [
  ['requests/s', (r) => spread(r, 'rate')], ['p50 ms', (r) => text(medianOf(r, 'p50'))], ['p99 ms', (r) => text(medianOf(r, 'p99'))],
  ['errors', (r) => worst(r.map((x) => x.errors))], ['program CPU s/1000', (r) => spread(r, 'program')], ['nginx CPU s/1000', (r) => spread(r, 'nginx')],
  ['machine busy %', (r) => text(medianOf(r, 'busy'))], ['steal %', (r) => text(medianOf(r, 'steal'))],
];

export async function pages(servers, options) {
  const tollgate = await servers.startTollgate();
  const floor = await servers.startNull();
  const contenders = [
    { name: 'floor', child: floor, port: servers.floorPort, path: '/' },
    { name: 'GET /', child: tollgate, port: servers.port, path: '/' },
    { name: 'GET /healthz', child: tollgate, port: servers.port, path: '/healthz' },
  ];
  const results = await takeTurns(contenders, options.reps, (c) => measure(servers, c, options.seconds));
  await stop(tollgate);
  await stop(floor);
  const targets = contenders.slice(1).map(({ name }) => {
    const ratio = medianOf(results.floor, 'rate') / medianOf(results[name], 'rate');
    return { work: `\`${name}\``, what: 'time a request', goal: '≤ 1.5 × nginx and libfcgi with nothing behind', result: `${spread(results[name], 'rate')} requests/s`,
      ratio: `${text(ratio)} ×`, reached: ratio <= 1.5 };
  });
  return {
    tables: [{ title: `Pages, ${CONNECTIONS} connections`, head: ['page', ...SHOWN.map(([name]) => name)],
      rows: Object.entries(results).map(([name, r]) => [name, ...SHOWN.map(([, value]) => value(r))]) }],
    targets, lost: 0,
  };
}
