// Debian's Rspamd for one test: its controller, a worker to ask, and a milter for Postfix, with maps of senders, domains, links and attachments.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';

const missing = ['/usr/bin/rspamd', '/usr/bin/rspamadm'].find((path) => !existsSync(path));

export class FilterServer {
  static skipped = missing ? `${missing} is not installed` : process.getuid() !== 0 ? 'Rspamd is started as root only here' : '';

  static async start() {
    const filter = new FilterServer();
    filter.folder = mkdtempSync(join(tmpdir(), 'digue-rspamd-'));
    const at = filter.folder;
    chmodSync(at, 0o755);
    mkdirSync(join(at, 'maps'));
    mkdirSync(join(at, 'db'));
    for (const one of ['worker', 'controller', 'milter', 'dns']) filter[one] = await freePort();
    for (const one of ['sender', 'domain', 'url', 'attachment']) writeFileSync(filter.map(one), '');
    writeFileSync(join(at, 'suffixes'), 'com\nexample\ntest\n');
    const rule = (name, by, map) => `${name} { ${by}; map = "${filter.map(map)}"; prefilter = true; action = "reject"; }\n`;
    const hash = (password) => execFileSync('/usr/bin/rspamadm', ['pw', '-e', '-p', password], { encoding: 'utf8' }).trim();
    const worker = (type, port, more = '') => `worker { type = "${type}"; bind_socket = "127.0.0.1:${port}"; count = 1; ${more}}\n`;
    writeFileSync(join(at, 'rspamd.conf'), `options { pidfile = "${at}/pid"; control_socket = "${at}/control mode=0600"; disable_hyperscan = true; url_tld = "${at}/suffixes";
cache_file = "${at}/cache"; history_file = "${at}/history"; hs_cache_dir = "${at}/db"; dynamic_conf = "${at}/dynamic"; filters = "";
dns { nameserver = ["127.0.0.1:${filter.dns}"]; timeout = 0.1s; retransmits = 1; } }
logging { type = "file"; filename = "${at}/log"; level = "info"; }
actions { reject = 15; add_header = 6; greylist = 4; }
multimap {
${rule('TEST_SENDER', 'type = "from"; filter = "email:addr"', 'sender')}${rule('TEST_DOMAIN', 'type = "from"; filter = "email:domain"', 'domain')}${rule('TEST_HOST', 'type = "url"', 'url')}${rule('TEST_PAGE', 'type = "url"; filter = "template:${host}/${path}"', 'url')}${rule('TEST_QUERY', 'type = "url"; filter = "template:${host}/${path}?${query}"', 'url')}${rule('TEST_FILE', 'type = "selector"; selector = "attachments(hex,sha256)"', 'attachment')}}
modules { path = "/usr/share/rspamd/plugins/"; }
lua = "/usr/share/rspamd/rules/rspamd.lua";
${worker('normal', filter.worker)}${worker('controller', filter.controller, `password = "${hash('reader-secret')}"; enable_password = "${hash('digue-secret')}"; secure_ip = []; `)}${worker('rspamd_proxy', filter.milter, 'milter = yes; timeout = 20s; upstream "local" { default = yes; self_scan = yes; } ')}`);
    execFileSync('chown', ['-R', '_rspamd:_rspamd', at]);
    process.once('exit', () => filter.rspamd?.kill('SIGTERM'));
    filter.rspamd = spawn('/usr/bin/rspamd', ['-f', '-c', join(at, 'rspamd.conf'), '-u', '_rspamd', '-g', '_rspamd'], { stdio: 'ignore' });
    for (const port of [filter.worker, filter.controller, filter.milter])
      while (!(await answers(port))) {
        if (filter.rspamd.exitCode !== null) throw new Error(`rspamd ended: ${readFileSync(join(at, 'log'), 'utf8').slice(-2000)}`);
        await sleep(50);
      }
    return filter;
  }

  async stop() {
    const ended = new Promise((done) => this.rspamd.once('exit', done));
    this.rspamd.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  map(name) {
    return join(this.folder, 'maps', name);
  }

  text(name) {
    return readFileSync(this.map(name), 'utf8');
  }

  settings() {
    const at = (port) => `http://127.0.0.1:${port}`;
    const maps = Object.fromEntries(['sender', 'domain', 'url', 'attachment'].map((one) => [`${one}_map`, this.map(one)]));
    return { url: at(this.controller), check_url: at(this.worker), ...maps, domains: ['chu.test'] };
  }
}

const answers = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => {
    socket.destroy();
    done(true);
  }).once('error', () => done(false));
});
