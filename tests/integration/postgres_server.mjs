// Debian's PostgreSQL for one test: a folder of its own, a socket there and a port of this machine.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';

const installed = '/usr/lib/postgresql';
const programs = existsSync(installed)
  ? readdirSync(installed).map((version) => join(installed, version, 'bin')).filter((path) => existsSync(join(path, 'initdb'))).sort().at(-1)
  : undefined;
// PostgreSQL does not run as root: there it is the account of its Debian package.
const line = process.getuid() === 0 && readFileSync('/etc/passwd', 'utf8').split('\n').find((one) => one.startsWith('postgres:'));
const owner = line ? { uid: Number(line.split(':')[2]), gid: Number(line.split(':')[3]) } : {};

export class PostgresServer {
  static installed = programs !== undefined && (process.getuid() !== 0 || owner.uid !== undefined);

  static async start() {
    const server = new PostgresServer();
    server.folder = mkdtempSync(join(tmpdir(), 'digue-pg-'));
    if (owner.uid !== undefined) chownSync(server.folder, owner.uid, owner.gid);
    server.port = await freePort();
    const made = spawnSync(join(programs, 'initdb'), ['-D', join(server.folder, 'data'), '-U', 'digue', '--auth-local=trust', '--auth-host=scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8'], { ...owner, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    await server.run();
    return server;
  }

  async run(...settings) {
    const options = ['listen_addresses=127.0.0.1', `port=${this.port}`, ...settings].flatMap((one) => ['-c', one]);
    this.child = spawn(join(programs, 'postgres'), ['-D', join(this.folder, 'data'), '-k', this.folder, ...options], { ...owner, stdio: 'ignore' });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    while (this.psql('SELECT 1').status !== 0) {
      if (this.child.exitCode !== null) throw new Error(`postgres ended with ${this.child.exitCode}`);
      await sleep(50);
    }
  }

  /** As `pg_ctl stop -m immediate`. */
  async stop() {
    this.child.kill('SIGQUIT');
    await this.ended;
  }

  psql(sql, database = 'postgres') {
    return spawnSync(join(programs, 'psql'), ['-h', this.folder, '-p', String(this.port), '-U', 'digue', '-d', database, '-qAtc', sql], { encoding: 'utf8' });
  }

  uri(database) {
    return `postgresql://digue@/${database}?host=${this.folder}&port=${this.port}`;
  }

  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
