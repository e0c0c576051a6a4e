// Runs the parts that are asked for, keeps what each measured, and writes the report. See run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commit } from './machine.mjs';
import { parts } from './parts.mjs';
import { report } from './report.mjs';
import { Servers } from './servers.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function number(name, fallback, least) {
  const value = Number(process.env[name] ?? fallback);
  if (!(value >= least)) throw new Error(`${name} is "${process.env[name]}"; allowed is a number from ${least}`);
  return value;
}

function readOptions() {
  const only = process.env.ONLY ? process.env.ONLY.split(',') : Object.keys(parts);
  const unknown = only.find((name) => !parts[name]);
  if (unknown !== undefined) throw new Error(`ONLY names "${unknown}"; parts are ${Object.keys(parts).join(', ')}`);
  return {
    only, reps: number('REPS', 3, 1), seconds: number('SECONDS', 10, 0.1), scale: number('SCALE', 1, 0.0001),
    out: resolve(root, process.env.REPORT ?? 'build/bench'), doc: process.env.DOC === '1',
  };
}

async function measurePart(name, servers, options) {
  const { reps, seconds, scale } = options;
  const from = Date.now();
  console.error(`${name} …`);
  const before = { at: new Date().toISOString(), commit: commit(root), load: loadavg()[0] };
  const result = { name, reps, seconds, scale, ...before, ...await parts[name](servers, options) };
  result.took = (Date.now() - from) / 1000;
  writeFileSync(join(options.out, `${name}.json`), JSON.stringify(result, null, 1));
  for (const t of result.targets) console.error(`  ${t.reached ? 'reached' : 'NOT REACHED'}: ${t.work}: ${t.what} ${t.result} ${t.ratio} (${t.goal})`);
  console.error(`  ${Math.round(result.took)} s`);
}

async function main() {
  const options = readOptions();
  mkdirSync(options.out, { recursive: true });
  const dir = mkdtempSync(join(process.env.TMPDIR ?? '/var/tmp', 'tollgate-bench.'));
  const servers = new Servers(root, dir);
  let keep = process.env.KEEP === '1';
  const close = async () => {
    await servers.close();
    if (!keep) rmSync(dir, { recursive: true, force: true });
  };
  const interrupted = () => close().finally(() => process.exit(130));
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    await servers.open();
    for (const name of options.only) await measurePart(name, servers, options);
  } catch (error) {
    keep ||= !servers.closed; // by a signal
    throw new Error(`${error.stack}\nThe logs are in ${dir}`);
  } finally {
    await close();
  }
  report(root, options);
}

await main().catch((error) => {
  console.error(`tests/bench/run: ${error.message}`);
  process.exitCode = 1;
});
