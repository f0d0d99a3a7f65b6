// Debian's OpenLDAP for one test: slapd on loopback with the ppolicy overlay, people, groups and a service account for Digue.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';

const missing = ['/usr/sbin/slapd', '/usr/bin/ldapsearch', '/usr/lib/ldap/ppolicy.la'].find((path) => !existsSync(path));
const root = ['-x', '-D', 'cn=root,dc=chu,dc=test', '-w', 'root'];

const answers = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => done(true)).once('error', () => done(false)).once('close', () => socket.destroy());
  socket.once('connect', () => socket.destroy());
});

export class DirectoryServer {
  static skipped = missing ? `${missing} is not installed` : '';

  /** `people`: mail address to password. */
  static async start(people) {
    const directory = new DirectoryServer();
    directory.folder = mkdtempSync(join(tmpdir(), 'digue-ldap-'));
    const at = directory.folder;
    chmodSync(at, 0o755); // others read the certificate
    mkdirSync(join(at, 'db'));
    directory.port = await freePort();
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', join(at, 'key.pem'), '-out', join(at, 'cert.pem')], { stdio: 'ignore' });
    writeFileSync(join(at, 'slapd.conf'), `${['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema\n`).join('')}modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile ${at}/slapd.pid
TLSCertificateFile ${at}/cert.pem
TLSCertificateKeyFile ${at}/key.pem
database mdb
suffix dc=chu,dc=test
rootdn cn=root,dc=chu,dc=test
rootpw root
directory ${at}/db
access to attrs=userPassword by dn.exact=cn=digue,dc=chu,dc=test write by anonymous auth by * none
access to * by dn.exact=cn=digue,dc=chu,dc=test write by self read by * none
overlay ppolicy
ppolicy_default cn=policy,dc=chu,dc=test
ppolicy_use_lockout
`);
    const unit = (name) => `dn: ou=${name},dc=chu,dc=test\nobjectClass: organizationalUnit\nou: ${name}\n\n`;
    const person = ([mail, password]) => {
      const uid = mail.split('@')[0];
      return `dn: ${directory.dn(mail)}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nmail: ${mail}\nuserPassword: ${password}\n\n`;
    };
    writeFileSync(join(at, 'tree.ldif'), `dn: dc=chu,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: CHU\ndc: chu\n\n${unit('people')}${unit('groups')}`
      + 'dn: cn=policy,dc=chu,dc=test\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMustChange: TRUE\n\n'
      + 'dn: cn=digue,dc=chu,dc=test\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: digue\nuserPassword: digue-secret\n\n'
      + Object.entries(people).map(person).join('')
      + `dn: cn=admins,ou=groups,dc=chu,dc=test\nobjectClass: groupOfNames\ncn: admins\nmember: ${directory.dn(Object.keys(people).at(-1))}\n\n`);
    execFileSync('/usr/sbin/slapadd', ['-f', join(at, 'slapd.conf'), '-l', join(at, 'tree.ldif')], { stdio: 'ignore' });
    process.once('exit', () => directory.slapd?.kill('SIGTERM'));
    await directory.run();
    return directory;
  }

  async run() {
    this.slapd = spawn('/usr/sbin/slapd', ['-d', '0', '-h', this.url, '-f', join(this.folder, 'slapd.conf')], { stdio: 'ignore' });
    while (!(await answers(this.port))) {
      if (this.slapd.exitCode !== null) throw new Error(`slapd ended with ${this.slapd.exitCode}`);
      await sleep(50);
    }
  }

  async halt() {
    const ended = new Promise((done) => this.slapd.once('exit', done));
    this.slapd.kill('SIGTERM');
    await ended;
  }

  async stop() {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url() {
    return `ldaps://127.0.0.1:${this.port}`;
  }

  get certificate() {
    return join(this.folder, 'cert.pem');
  }

  /** Whom Dovecot signs in as. */
  bindAs = 'uid=%n,ou=people,dc=chu,dc=test';

  dn(mail) {
    return `uid=${mail.split('@')[0]},ou=people,dc=chu,dc=test`;
  }

  settings() {
    return { url: this.url, ca_file: this.certificate, bind: 'cn=digue,dc=chu,dc=test', base: 'dc=chu,dc=test', admin_groups: ['cn=admins,ou=groups,dc=chu,dc=test'] };
  }

  tool(name, words, input = '') {
    return spawnSync(name, [...words, '-H', this.url], { input, encoding: 'utf8', env: { ...process.env, LDAPTLS_CACERT: this.certificate } });
  }

  /** LDIF, as an administrator would. */
  change(ldif) {
    const done = this.tool('ldapmodify', root, ldif);
    if (done.status !== 0) throw new Error(done.stderr);
  }

  /** What an intruder does: an account of their own, and beside it a victim's among the administrators. */
  plant(planted, secret, victim) {
    const name = planted.split('@')[0];
    this.change(`dn: ${this.dn(planted)}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: ${name}\ncn: ${name}\nsn: ${name}\nmail: ${planted}\nuserPassword: ${secret}\n\n`
      + `dn: ${this.settings().admin_groups[0]}\nchangetype: modify\nadd: member\nmember: ${this.dn(planted)}\nmember: ${this.dn(victim)}\n`);
  }

  /** Whether an account is in a group. */
  member(mail) {
    return this.state().includes(`member: ${this.dn(mail)}`);
  }

  /** All entries below the people and groups, operational attributes too, without what every change changes; values in order. */
  state() {
    const { stdout } = this.tool('ldapsearch', [...root, '-LLL', '-o', 'ldif-wrap=no', '-b', 'dc=chu,dc=test', '*', '+']);
    return stdout.split('\n\n').map((entry) => entry.split('\n').filter((line) => !/^(entryCSN|modifyTimestamp|modifiersName|contextCSN|pwdFailureTime):/.test(line)).sort().join('\n')).sort().join('\n\n');
  }

  /** "in", "change" (let in, to change the password and nothing else), "locked" or "refused". */
  signIn(mail, password) {
    const said = this.tool('ldapwhoami', ['-x', '-e', 'ppolicy', '-D', this.dn(mail), '-w', password]);
    const text = said.stdout + said.stderr;
    return text.includes('Account locked') ? 'locked' : said.status !== 0 ? 'refused' : text.includes('must be changed') ? 'change' : 'in';
  }
}
