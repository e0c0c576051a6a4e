// What runs beside the contenders: PostgreSQL, nginx, AWS's service; and the contenders' own servers.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run, start, stopAll, until } from './processes.mjs';

const IS_ROOT = process.getuid() === 0;
// As for a server of this size; fsync and synchronous_commit stay on.
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '30min' };
const NULL_THREADS = 16;
const DAY_S = 86400;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// AWS closes a month at 06:00 UTC on the 1st. So that the benchmark, whose usage is up to 21 hours old, does the same on every day,
// the ledger and the service take the first days of a month for later ones.
function clockOffset() {
  return new Date().getUTCDate() <= 2 ? 3 * DAY_S : 0;
}

export class Servers {
  constructor(root, dir) {
    Object.assign(this, { root, dir, programs: join(root, 'build/out/tests/bench'), offset: clockOffset() });
    this.base = { PATH: `${process.env.PATH}:/usr/sbin`, HOME: dir, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
    this.pg = { PGHOST: join(dir, 'pgsocket'), PGPORT: '5432', PGUSER: 'tollgate', PGDATABASE: 'tollgate' };
  }

  log(name) { return join(this.dir, `${name}.log`); }

  env(more = {}) { return { ...this.base, ...this.pg, ...more }; }

  // What malloc is told by the unit that starts a program.
  malloc(program) {
    const unit = readFileSync(join(this.root, 'nginx', `${program}.service`), 'utf8');
    return { GLIBC_TUNABLES: unit.match(/^Environment=GLIBC_TUNABLES=(.*)$/m)[1] };
  }

  aws() {
    return {
      AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'bench', AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_MARKETPLACE_METERING: this.mockUrl,
    };
  }

  // ---- PostgreSQL ----

  // psql's rows, a line each. vars: of psql; env: PGUSER, PGDATABASE, PGOPTIONS.
  sql(text, vars = {}, env = {}) {
    const args = ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...Object.entries(vars).flatMap(([k, v]) => ['-v', `${k}=${v}`]), '-f', '-'];
    return run('psql', args, { env: this.env({ PGOPTIONS: '-c client_min_messages=warning', ...env }), input: text }).trim();
  }

  sqlFile(name, vars, env) {
    return this.sql(readFileSync(join(this.root, 'tests/bench/sql', `${name}.sql`), 'utf8'), { hour: this.hour, ...vars }, env);
  }

  // A ledger with so many customers and nothing else. The hour that runs now is the same for all that is loaded next: another
  // one may begin meanwhile.
  emptyLedger(customers) {
    this.sqlFile('empty');
    this.sqlFile('customers', { n: customers });
    this.hour = this.sql("SELECT tollgate.hour_of(tollgate.ledger_time())");
  }

  count(text, env) { return Number(this.sql(text, {}, env)); }

  // So that none of what was loaded is written out while something is timed.
  settle(database = this.pg.PGDATABASE) {
    this.sql('VACUUM ANALYZE; CHECKPOINT;', {}, { PGDATABASE: database });
  }

  cluster(action) { run(join(this.root, 'dev/cluster'), [action, this.dir], { env: this.base, stdio: ['ignore', 'inherit', 'inherit'] }); }

  startDatabase() {
    this.cluster('start');
    for (const [name, value] of Object.entries(SETTINGS)) this.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
    this.cluster('stop');
    this.cluster('start');
    this.postmaster = Number(readFileSync(join(this.dir, 'pgdata/postmaster.pid'), 'utf8').split('\n')[0]);
    this.makeLedger();
    this.sql('CREATE DATABASE peer');
    this.sql(readFileSync(join(this.root, 'tests/bench/peer/schema.sql'), 'utf8'), {}, { PGDATABASE: 'peer' });
  }

  makeLedger() {
    run(join(this.root, 'sql/migrate'), [], { env: this.env() });
    this.sqlFile('product', { offset: this.offset });
  }

  // Another ledger in the same cluster: what is asked of it, its database is asked.
  otherLedger(name) {
    const other = Object.assign(Object.create(this), { pg: { ...this.pg, PGDATABASE: name } });
    this.sql(`CREATE DATABASE ${name}`);
    other.makeLedger();
    return other;
  }

  // ---- AWS's service ----

  async startMock() {
    this.mockPort = await freePort();
    this.mockUrl = `http://127.0.0.1:${this.mockPort}`;
    this.mock = start(this.log('mock'), join(this.programs, 'mock'), [String(this.mockPort), String(this.offset)], this.base);
    await until('the mock', () => this.control({}).catch(() => null));
  }

  // Sets it, and tells what it counted since it was set last.
  async control({ delayMs = 0, refuseEvery = 0 }) {
    const answer = await fetch(`${this.mockUrl}/control?delay_ms=${delayMs}&refuse_every=${refuseEvery}`, { headers: { connection: 'close' } });
    return answer.json();
  }

  // ---- nginx, in front of Tollgate and of the floor ----

  async startNginx() {
    this.port = await freePort();
    this.floorPort = await freePort();
    const conf = readFileSync(join(this.root, 'nginx/run.conf.in'), 'utf8')
      .replaceAll('@USER@', IS_ROOT ? 'user www-data;' : '').replaceAll('@DIR@', this.dir)
      .replaceAll('@PORT@', this.port).replaceAll('@SANDBOX_PORT@', this.floorPort)
      .replaceAll(`${this.dir}/sandbox.sock`, `${this.dir}/null.sock`)
      .replace(/^( *)access_log .*;$/m, '$1access_log off;');
    const file = join(this.dir, 'nginx.conf');
    writeFileSync(file, conf);
    mkdirSync(join(this.dir, 'nginx-temp'), { recursive: true });
    this.nginx = start(this.log('nginx'), 'nginx', ['-p', this.dir, '-e', this.log('nginx'), '-c', file], this.base);
    await until('nginx', () => this.answers(this.port));
  }

  async answers(port, path = '/') {
    return fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).then((a) => a.status, () => 0);
  }

  // ---- contenders ----

  get stateDir() { return join(this.dir, 'state'); }

  makeState() {
    rmSync(this.stateDir, { recursive: true, force: true });
    mkdirSync(this.stateDir, { mode: 0o700 });
  }

  spawnTollgate() {
    this.makeState();
    return start(this.log('tollgate-fcgi'), join(this.root, 'build/tollgate-fcgi'), [], this.env({
      ...this.aws(), PGUSER: 'tollgate_web', TOLLGATE_LISTEN: join(this.dir, 'fcgi.sock'), TOLLGATE_STATE_DIR: this.stateDir,
      ...this.malloc('tollgate-fcgi'), TOLLGATE_PUBLIC_URL: `http://127.0.0.1:${this.port}`, TOLLGATE_TEMPLATES: join(this.root, 'templates'),
    }));
  }

  async startTollgate() {
    const child = this.spawnTollgate();
    await until('tollgate-fcgi', async () => await this.answers(this.port, '/readyz') === 200);
    return child;
  }

  async startPeer() {
    const port = await freePort();
    const child = start(this.log('peer'), process.execPath, [join(this.root, 'tests/bench/peer/server.mjs')],
      this.env({ ...this.aws(), PGDATABASE: 'peer', PORT: String(port), NODE_ENV: 'production' }));
    await until('the peer', async () => await this.answers(port, '/healthz') === 200);
    return { child, port };
  }

  async startNull() {
    const child = start(this.log('null'), join(this.programs, 'null'), [join(this.dir, 'null.sock'), String(NULL_THREADS)], this.base);
    await until('the floor', async () => await this.answers(this.floorPort) === 200);
    return child;
  }

  // Closed-loop load; what load.c prints.
  load(port, path, connections, seconds, requests) {
    const args = [port, path, connections, seconds, ...(requests ? [requests] : [])].map(String);
    return JSON.parse(run(join(this.programs, 'load'), args, { env: this.base, stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  // Runs a program to its end; its seconds, CPU seconds and peak MiB.
  spend(name, command, args, env, statuses = [0]) {
    const file = join(this.dir, 'spent');
    run('/bin/sh', ['-c', 'exec "$@" >>"$LOG" 2>&1', 'sh', join(this.programs, 'spend'), file, command, ...args],
      { env: { ...env, LOG: this.log(name) }, statuses });
    const { seconds, cpu, peak_kib: kib } = JSON.parse(readFileSync(file, 'utf8'));
    return { seconds, cpu, peak: kib / 1024 };
  }

  // ---- all ----

  async open() {
    chmodSync(this.dir, 0o755); // PostgreSQL and nginx's workers are other users where this is root
    this.startDatabase();
    await this.startMock();
    await this.startNginx();
  }

  // Once, whoever asks: the end, or a signal meanwhile.
  close() {
    this.closed ??= stopAll().finally(() => this.cluster('stop'));
    return this.closed;
  }
}
