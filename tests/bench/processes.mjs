// Processes: started, stopped by their id, and what they cost, from /proc.
import { spawn, spawnSync } from 'node:child_process';
import { openSync, closeSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux
const STOP_MS = 30_000;
const running = new Set();
let over = false; // nothing is started any more

export function start(log, command, args, env) {
  if (over) throw new Error(`${command} is not started: the end was asked for`);
  const out = openSync(log, 'a');
  const child = spawn(command, args, { env, stdio: ['ignore', out, out] });
  closeSync(out);
  running.add(child);
  child.on('error', (error) => { running.delete(child); console.error(`${command} could not be started: ${error.message}`); });
  child.on('exit', () => running.delete(child));
  return child;
}

export async function stop(child, signal = 'SIGTERM') {
  if (!running.has(child)) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill(signal);
  if (await Promise.race([ended, sleep(STOP_MS, 'late', { ref: false })]) === 'late') {
    child.kill('SIGKILL');
    await ended;
    throw new Error(`${child.spawnfile} did not stop within ${STOP_MS / 1000} s`);
  }
}

// At the end, once.
export async function stopAll() {
  over = true;
  await Promise.all([...running].map((child) => stop(child)));
}

// Runs to the end; what it printed. Throws where it ends with another status than one of these.
export function run(command, args, { env, input, stdio, statuses = [0] } = {}) {
  const ended = spawnSync(command, args, { env, input, stdio, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (ended.error) throw ended.error;
  if (!statuses.includes(ended.status)) throw new Error(`${command} ${args.join(' ').slice(0, 200)}: status ${ended.status}\n${ended.stderr?.slice(-2000)}`);
  return ended.stdout;
}

function statOf(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null; // it ended meanwhile
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name may hold blanks
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return { pid: Number(pid), parent: Number(fields[1]), ticks: user + system + childrenUser + childrenSystem };
}

// A process and all below it.
function treeOf(root) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(statOf).filter(Boolean);
  const tree = all.filter((p) => p.pid === root);
  for (let at = 0; at < tree.length; at++) tree.push(...all.filter((p) => p.parent === tree[at].pid));
  return tree;
}

// CPU seconds, with those of children that ended and were waited for.
export function cpuOf(pid) {
  return treeOf(pid).reduce((sum, p) => sum + p.ticks, 0) / TICKS_A_SECOND;
}

export function resetPeak(pid) {
  for (const p of treeOf(pid)) writeFileSync(`/proc/${p.pid}/clear_refs`, '5');
}

// MiB since resetPeak(), summed over the processes: pages that several share count in each.
export function peakOf(pid) {
  const kib = (p) => Number(readFileSync(`/proc/${p.pid}/status`, 'utf8').match(/^VmHWM:\s*(\d+)/m)?.[1] ?? 0);
  return treeOf(pid).reduce((sum, p) => sum + kib(p), 0) / 1024;
}

function machineTicks() {
  const [user, nice, system, idle, wait, irq, softirq, steal] =
    readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  return { busy: user + nice + system + irq + softirq, steal, all: user + nice + system + idle + wait + irq + softirq + steal };
}

// Shares of the machine's time, in per cent, from now until the function that it returns is called.
export function watchMachine() {
  const from = machineTicks();
  return () => {
    const to = machineTicks();
    const all = Math.max(1, to.all - from.all);
    return { busy: (100 * (to.busy - from.busy)) / all, steal: (100 * (to.steal - from.steal)) / all };
  };
}

// Calls until it returns something true.
export async function until(what, condition, seconds = 30, everyMs = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(everyMs);
  }
}
