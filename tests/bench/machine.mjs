// What the numbers were measured on.
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { run } from './processes.mjs';

const env = { PATH: process.env.PATH };
const ask = (command, ...args) => {
  try {
    return run('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', command, ...args], { env }).trim();
  } catch {
    return ''; // not there
  }
};

function peerVersions(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'tests/bench/peer/package-lock.json'), 'utf8'));
  const version = (name) => packages[`node_modules/${name}`].version;
  return `Node ${process.versions.node}, @aws-sdk/client-marketplace-metering ${version('@aws-sdk/client-marketplace-metering')}, `
    + `Fastify ${version('fastify')}, pg ${version('pg')}`;
}

export function describe(root) {
  const [cpu] = cpus();
  const system = readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="?([^"\n]*)/m)?.[1] ?? 'unknown';
  return [
    ['processor', `${cpu.model.trim()}, ${cpus().length} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['system', `${system}, kernel ${release()}`],
    ['servers', `${ask('psql', '--version').replace(/^psql \(PostgreSQL\) (\S+).*/, 'PostgreSQL $1')}, ${ask('nginx', '-v').replace(/^.*nginx\//, 'nginx ')}`],
    ['libraries', `libcurl ${ask('pkg-config', '--modversion', 'libcurl')}, OpenSSL ${ask('pkg-config', '--modversion', 'libcrypto')}`],
    ['compiler', ask('cc', '--version').split('\n')[0]],
    ['peer', peerVersions(root)],
  ];
}

// Of the sources, where they are in a repository. The docs are none: the report itself is among them.
export function commit(root) {
  const git = (...args) => ask('git', '-C', root, ...args);
  const name = git('describe', '--always');
  return name && git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':(exclude,top)docs') ? `${name}-dirty` : name;
}
