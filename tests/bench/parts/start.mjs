// From the start of tollgate-fcgi until /readyz says so, the database being up.
import { median, text, worst } from '../figures.mjs';
import { stop, until } from '../processes.mjs';

const TIMES = 5; // each repetition
const MOST_MS = 100;

async function measure(servers) {
  const from = process.hrtime.bigint();
  const child = servers.spawnTollgate();
  await until('tollgate-fcgi', async () => await servers.answers(servers.port, '/readyz') === 200, 30, 1);
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  await stop(child);
  return ms;
}

export async function start(servers, options) {
  const times = [];
  for (let i = 0; i < options.reps * TIMES; i++) times.push(await measure(servers));
  return {
    tables: [],
    targets: [{ work: 'start to ready, database up', what: 'ms', goal: `< ${MOST_MS}`, result: `${text(median(times))} (${text(Math.min(...times))}–${text(worst(times))})`,
      ratio: '', reached: median(times) < MOST_MS }],
    lost: 0,
  };
}
