// Debian's Samba for one test: a domain controller of chu.test on a loopback address of its own, LDAPS alone.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const missing = ['/usr/sbin/samba', '/usr/bin/samba-tool', '/usr/share/samba/setup', '/usr/bin/ldapsearch'].find((path) => !existsSync(path));
const administrator = ['-x', '-D', 'Administrator@CHU.TEST', '-w', 'Adm1n-Passw0rd!'];
// What signing in and changing change by themselves.
const restless = /^(whenChanged|uSNChanged|lastLogon|lastLogonTimestamp|logonCount|badPwdCount|badPasswordTime):/;

export class DomainServer {
  static skipped = missing ? `${missing} is not installed` : process.getuid() !== 0 ? 'Samba starts as root only' : '';

  static async start() {
    const domain = new DomainServer();
    domain.folder = mkdtempSync(join(tmpdir(), 'digue-ad-'));
    const at = domain.folder;
    chmodSync(at, 0o755); // others read the certificate
    // Its ports are fixed: an address of its own among those of loopback.
    domain.address = `127.78.${Math.floor(process.pid / 250) % 250}.${(process.pid % 250) + 1}`;
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=dc1', '-addext', `subjectAltName=IP:${domain.address}`,
      '-keyout', join(at, 'key.pem'), '-out', join(at, 'cert.pem')], { stdio: 'ignore' });
    execFileSync('samba-tool', ['domain', 'provision', '--realm=CHU.TEST', '--domain=CHU', '--server-role=dc', '--dns-backend=SAMBA_INTERNAL', '--adminpass=Adm1n-Passw0rd!',
      `--targetdir=${at}/d`, '--host-name=dc1', '--host-ip=127.0.0.1', '--option=interfaces=lo', '--option=bind interfaces only=yes'], { stdio: 'ignore' });
    mkdirSync(join(at, 'd/run'));
    const file = join(at, 'd/etc/smb.conf');
    writeFileSync(file, readFileSync(file, 'utf8')
      .replace(/^\s*interfaces = lo$/m, `\tinterfaces = ${domain.address}/8\n\tserver services = ldap\n\tpid directory = ${at}/d/run\n\ttls certfile = ${at}/cert.pem\n\ttls keyfile = ${at}/key.pem\n\ttls cafile =`)
      .replace(/^\s*log file = .*$/m, `\tlog file = ${at}/d/log`));
    process.once('exit', () => domain.samba?.kill('SIGTERM'));
    domain.samba = spawn('/usr/sbin/samba', ['-i', '-M', 'single', '-s', file], { stdio: 'ignore' });
    while (!(await domain.#answers())) {
      if (domain.samba.exitCode !== null) throw new Error(`samba ended with ${domain.samba.exitCode}`);
      await sleep(100);
    }
    return domain;
  }

  #answers() {
    return new Promise((done) => {
      const socket = net.connect(636, this.address);
      socket.once('connect', () => {
        socket.destroy();
        done(true);
      }).once('error', () => done(false));
    });
  }

  async stop() {
    const ended = new Promise((done) => this.samba.once('exit', done));
    this.samba.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url() {
    return `ldaps://${this.address}`;
  }

  get certificate() {
    return join(this.folder, 'cert.pem');
  }

  /** Whom Dovecot signs in as. */
  bindAs = '%u';

  settings() {
    return { url: this.url, ca_file: this.certificate, bind: 'Administrator@CHU.TEST', base: 'DC=chu,DC=test' };
  }

  tool(name, words, input = '') {
    return spawnSync(name, [...words, '-H', this.url], { input, encoding: 'utf8', env: { ...process.env, LDAPTLS_CACERT: this.certificate } });
  }

  /** LDIF, as an administrator would. */
  change(ldif) {
    const done = this.tool('ldapmodify', administrator, ldif);
    if (done.status !== 0) throw new Error(done.stderr);
  }

  dn(name) {
    return `CN=${name},CN=Users,DC=chu,DC=test`;
  }

  user(name, password) {
    const secret = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    this.change(`dn: ${this.dn(name)}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@chu.test\nmail: ${name}@chu.test\nunicodePwd:: ${secret}\nuserAccountControl: 512\n`);
  }

  /** The accounts and groups, in order. */
  state() {
    const { stdout } = this.tool('ldapsearch', [...administrator, '-LLL', '-o', 'ldif-wrap=no', '-b', 'CN=Users,DC=chu,DC=test', '*']);
    return stdout.split('\n\n').map((entry) => entry.split('\n').filter((line) => !restless.test(line)).sort().join('\n')).sort().join('\n\n');
  }

  /** "in", or the directory's reason: "52e" wrong password, "533" disabled, "773" must be changed. */
  signIn(name, password) {
    const said = this.tool('ldapsearch', ['-x', '-D', `${name}@chu.test`, '-w', password, '-s', 'base', '-b', '', 'defaultNamingContext']);
    return said.status === 0 ? 'in' : (/data (\w+)/.exec(said.stderr)?.[1] ?? said.stderr);
  }
}
