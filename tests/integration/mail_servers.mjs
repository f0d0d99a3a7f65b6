// Debian's Dovecot and Postfix for one test: a mail system of their own on loopback, with people who sign in from anywhere.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { freePort } from './ports.mjs';

const needed = ['/usr/sbin/dovecot', '/usr/lib/dovecot/pop3', '/usr/lib/dovecot/managesieve', '/usr/lib/dovecot/submission', '/usr/lib/dovecot/lmtp', '/usr/sbin/postfix', '/usr/bin/openssl'];
const missing = needed.find((path) => !existsSync(path));

const program = new URL('../../packaging/host/digue-mail-host', import.meta.url).pathname;
const idOf = (name, flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));

/** Lines of one connection, upgraded to TLS when asked. */
export class Line {
  static async open(port, secure = false) {
    const line = new Line();
    line.buffer = '';
    line.waiting = [];
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((done, fail) => socket.once('connect', done).once('error', fail));
    line.#use(socket);
    if (secure) await line.startTls();
    return line;
  }
  #use(socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      this.buffer += chunk;
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }
  #wake() {
    for (const one of this.waiting.splice(0)) one();
  }
  async startTls() {
    this.socket.removeAllListeners('data');
    const secure = tls.connect({ socket: this.socket, rejectUnauthorized: false });
    await new Promise((done, fail) => secure.once('secureConnect', done).once('error', fail));
    this.#use(secure);
  }
  async read(until) {
    const end = Date.now() + 60_000;
    for (;;) {
      const found = until.exec(this.buffer);
      if (found) {
        const text = this.buffer.slice(0, found.index + found[0].length);
        this.buffer = this.buffer.slice(text.length);
        return text;
      }
      if (this.closed) return this.buffer;
      if (Date.now() > end) throw new Error(`no ${until} in ${JSON.stringify(this.buffer)}`);
      await new Promise((done) => {
        this.waiting.push(done);
        setTimeout(done, 1000);
      });
    }
  }
  send(text) {
    this.socket.write(text, 'latin1');
  }
  /** SMTP: the code of the last answer. */
  async smtp(text) {
    if (text !== undefined) this.send(`${text}\r\n`);
    const answer = await this.read(/^\d{3} .*\r\n/m);
    return { code: Number(/(\d{3}) [^\n]*\r\n$/.exec(answer)?.[1] ?? 0), text: answer };
  }
  async imap(text) {
    this.send(`a ${text}\r\n`);
    return this.read(/^a (OK|NO|BAD).*\r\n/m);
  }
  close() {
    this.socket.destroy();
  }
}

export class MailServers {
  static skipped = missing ? `${missing} is not installed` : process.getuid() !== 0 ? 'the mail servers start as root only' : '';

  /** With a directory, that is where the passwords are; with a filter, Postfix asks it of all mail. */
  static async start(people, { directory = null, filter = null } = {}) {
    const mail = new MailServers();
    mail.directory = directory;
    mail.filter = filter;
    mail.folder = mkdtempSync(join(tmpdir(), 'digue-mail-'));
    chmodSync(mail.folder, 0o755);
    mail.ports = {};
    for (const service of ['imap', 'pop3', 'sieve', 'submission', 'lmtp', 'http', 'smtp', 'smtps', 'closed']) mail.ports[service] = await freePort();
    mail.people = people;
    for (const one of ['run', 'state', 'mail', 'log', 'users', 'sieve', 'postfix', 'maps', 'spool', 'lib']) mkdirSync(join(mail.folder, one));
    const [uid, gid] = [idOf('mail', '-u'), idOf('mail', '-g')];
    for (const one of ['mail', 'sieve']) chownSync(join(mail.folder, one), uid, gid);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', join(mail.folder, 'key.pem'), '-out', join(mail.folder, 'cert.pem')], { stdio: 'ignore' });
    mail.#writeDovecot();
    mail.#writePostfix();
    if (directory)
      writeFileSync(mail.file('users/ldap'), `uris = ${directory.url}\ntls_ca_cert_file = ${directory.certificate}\nauth_bind = yes\nauth_bind_userdn = ${directory.bindAs}\nbase = dc=chu,dc=test\n`);
    writeFileSync(mail.file('users/passwd'), Object.entries(people).map(([name, password]) => `${name}:{PLAIN}${password}::::::\n`).join(''));
    chownSync(mail.file('users/passwd'), 0, idOf('dovecot', '-g'));
    chmodSync(mail.file('users/passwd'), 0o640);
    const map = (name) => `map hash:${mail.folder}/maps/${name}\n`;
    writeFileSync(mail.file('host.conf'), `postfix ${mail.folder}/postfix\npasswd ${mail.folder}/users/passwd\ndovecot ${mail.folder}/dovecot.conf\n${map('sasl_block')}${map('sender_block')}log ${mail.folder}/log/mail.log\nlog ${mail.folder}/log/dovecot.log\n`);
    writeFileSync(mail.file('mail-host'), `#!/bin/sh\nDIGUE_MAIL_HOST_CONF=${mail.folder}/host.conf exec ${program} "$@"\n`, { mode: 0o755 });
    // One that ends before it has read all makes Dovecot's redirect fail now and then.
    writeFileSync(mail.file('sendmail'), '#!/bin/sh\nexec cat >/dev/null\n', { mode: 0o755 });
    await mail.run();
    return mail;
  }

  file(path) {
    return join(this.folder, path);
  }

  #writeDovecot() {
    const { folder, ports } = this;
    const listener = (service, name, port) => `service ${service} {\n  inet_listener ${name} {\n    port = ${port}\n  }\n  inet_listener ${name}s {\n    port = 0\n  }\n}\n`;
    writeFileSync(this.file('dovecot.conf'), `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log/dovecot.log
log_timestamp = "%b %d %H:%M:%S mx1 dovecot: "
listen = 127.0.0.1
protocols = imap pop3 sieve submission lmtp
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
login_trusted_networks = 127.0.0.1
hostname = localhost
mail_location = maildir:${folder}/mail/%u/Maildir
sendmail_path = ${folder}/sendmail
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
mail_plugins = notify mail_log acl
auth_verbose = yes
auth_failure_delay = 0
auth_cache_size = 1M
doveadm_api_key = test-api-key
submission_relay_host = 127.0.0.1
submission_relay_port = ${ports.smtp}
plugin {
  acl = vfile
  sieve = file:${folder}/sieve/%u;active=${folder}/sieve/%u/.active
  mail_log_events = delete undelete expunge save copy mailbox_delete
  mail_log_fields = uid box msgid from subject
}
passdb {
  driver = ${this.directory ? 'ldap' : 'passwd-file'}
  args = ${folder}/users/${this.directory ? 'ldap' : 'passwd'}
}
userdb {
  driver = passwd-file
  args = ${folder}/users/passwd
  override_fields = uid=mail gid=mail home=${folder}/mail/%u
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
${listener('imap-login', 'imap', ports.imap)}${listener('pop3-login', 'pop3', ports.pop3)}${listener('managesieve-login', 'sieve', ports.sieve)}${listener('submission-login', 'submission', ports.submission)}${listener('lmtp', 'lmtp', ports.lmtp)}${listener('doveadm', 'http', ports.http)}protocol imap {
  mail_plugins = notify mail_log acl imap_acl
}
protocol lmtp {
  mail_plugins = notify mail_log acl sieve
}
`);
  }

  #writePostfix() {
    const { folder, ports } = this;
    chownSync(this.file('lib'), idOf('postfix', '-u'), idOf('postfix', '-g'));
    const settings = {
      compatibility_level: '3.6', queue_directory: `${folder}/spool`, data_directory: `${folder}/lib`, command_directory: '/usr/sbin',
      daemon_directory: '/usr/lib/postfix/sbin', mail_owner: 'postfix', setgid_group: 'postdrop', inet_interfaces: '127.0.0.1', inet_protocols: 'ipv4',
      myhostname: 'mx1.chu.test', mydestination: '', mynetworks: '127.0.0.2/32', maillog_file: `${folder}/log/mail.log`, maillog_file_prefixes: '/tmp,/var',
      virtual_mailbox_domains: 'chu.test', virtual_mailbox_maps: `texthash:${folder}/maps/senders`, virtual_transport: `lmtp:inet:127.0.0.1:${ports.lmtp}`,
      default_transport: `lmtp:inet:127.0.0.1:${ports.closed}`, smtpd_sasl_type: 'dovecot', smtpd_sasl_path: `${folder}/run/auth-postfix`,
      smtpd_sasl_auth_enable: 'yes', smtpd_relay_restrictions: 'permit_sasl_authenticated,reject_unauth_destination',
      smtpd_sender_restrictions: `check_sasl_access hash:${folder}/maps/sasl_block, check_sender_access hash:${folder}/maps/sender_block, reject_authenticated_sender_login_mismatch`,
      smtpd_sender_login_maps: `texthash:${folder}/maps/senders`, smtpd_tls_security_level: 'may', smtpd_tls_cert_file: `${folder}/cert.pem`,
      smtpd_tls_key_file: `${folder}/key.pem`, smtpd_authorized_xclient_hosts: '127.0.0.1', alias_maps: '', alias_database: '', local_recipient_maps: '',
    };
    if (this.filter) Object.assign(settings, { smtpd_milters: `inet:127.0.0.1:${this.filter.milter}`, milter_default_action: 'tempfail' });
    writeFileSync(this.file('postfix/main.cf'), Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join(''));
    const services = `127.0.0.1:${ports.smtp} inet n - n - - smtpd
127.0.0.1:${ports.smtps} inet n - n - - smtpd
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
    writeFileSync(this.file('postfix/master.cf'), services);
    writeFileSync(this.file('maps/senders'), Object.keys(this.people).map((name) => `${name} ${name}\n`).join(''));
    for (const map of ['sasl_block', 'sender_block']) {
      writeFileSync(this.file(`maps/${map}`), '');
      execFileSync('postmap', ['-c', this.file('postfix'), `hash:${this.file(`maps/${map}`)}`]);
    }
  }

  async run() {
    process.once('exit', () => this.#end());
    this.dovecot = spawn('/usr/sbin/dovecot', ['-F', '-c', this.file('dovecot.conf')], { stdio: 'ignore' });
    const started = spawnSync('postfix', ['-c', this.file('postfix'), 'start'], { stdio: 'ignore' });
    if (started.status !== 0) throw new Error(`postfix start: ${started.status}`);
    for (const port of [this.ports.http, this.ports.imap, this.ports.smtp, this.ports.submission])
      for (;;) {
        try {
          (await Line.open(port)).close();
          break;
        } catch {
          if (this.dovecot.exitCode !== null) throw new Error(`dovecot ended: ${readFileSync(this.file('log/dovecot.log'), 'utf8')}`);
          await sleep(50);
        }
      }
  }

  #end() {
    if (existsSync(this.folder)) spawnSync('postfix', ['-c', this.file('postfix'), 'stop'], { stdio: 'ignore' });
    this.dovecot.kill('SIGTERM');
  }

  async stop() {
    const ended = new Promise((done) => this.dovecot.once('exit', done));
    this.#end();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  doveadm(...words) {
    return spawnSync('doveadm', ['-c', this.file('dovecot.conf'), ...words], { encoding: 'utf8' });
  }

  log(name) {
    return readFileSync(this.file(`log/${name}`), 'utf8');
  }

  /** An IMAP session that the server believes to come from `ip`; null when it was refused. */
  async signIn(name, password, ip) {
    const line = await Line.open(this.ports.imap);
    await line.read(/\r\n/);
    if (ip) await line.imap(`ID ("x-originating-ip" "${ip}" "x-originating-port" "50000")`);
    const answer = await line.imap(`LOGIN "${name}" "${password}"`);
    if (/^a OK/m.test(answer)) return line;
    line.close();
    return null;
  }

  /** Whether POP3 takes the password, as if from `ip`. */
  async pop3(name, password, ip) {
    const line = await Line.open(this.ports.pop3);
    await line.read(/^\+OK.*\r\n/m);
    line.send(`XCLIENT ADDR=${ip} PORT=50000\r\n`);
    await line.read(/^(\+OK|-ERR).*\r\n/m);
    line.send(`USER ${name}\r\nPASS ${password}\r\n`);
    await line.read(/^\+OK.*\r\n/m);
    const answer = await line.read(/^(\+OK|-ERR).*\r\n/m);
    line.close();
    return answer.startsWith('+OK');
  }

  /** ManageSieve with PLAIN, as if from `ip`; null when refused. */
  async sieve(name, password, ip) {
    const line = await Line.open(this.ports.sieve);
    await line.read(/^OK.*\r\n/m);
    if (ip) {
      line.send(`XCLIENT ADDR=${ip} PORT=50000\r\n`);
      await line.read(/^(OK|NO).*\r\n/m);
    }
    line.send(`AUTHENTICATE "PLAIN" "${Buffer.from(`\0${name}\0${password}`).toString('base64')}"\r\n`);
    if (/^OK/m.test(await line.read(/^(OK|NO|BYE).*\r\n/m))) return line;
    line.close();
    return null;
  }

  /** Sends through Postfix as SASL user from `ip`; the code of the first refusal, else 250. */
  async submit(name, password, ip, from, to, subject, body = 'x') {
    const line = await Line.open(this.ports.smtps);
    try {
      await line.smtp();
      await line.smtp('EHLO client.example');
      if (ip) {
        await line.smtp(`XCLIENT ADDR=${ip} NAME=[UNAVAILABLE]`);
        await line.smtp('EHLO client.example');
      }
      const auth = await line.smtp(`AUTH PLAIN ${Buffer.from(`\0${name}\0${password}`).toString('base64')}`);
      if (auth.code !== 235) return auth.code;
      for (const text of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
        const answer = await line.smtp(text);
        if (answer.code >= 400) return answer.code;
      }
      return (await line.smtp(`From: <${from}>\r\nTo: <${to[0]}>\r\nSubject: ${subject}\r\nMessage-ID: <${Math.random().toString(36).slice(2)}@client.example>\r\n\r\n${body}\r\n.`)).code;
    } finally {
      line.close();
    }
  }

  /** Mail from outside, to the door; `rest`: what follows its first headers. */
  async receive(from, to, subject, id, rest = '\r\nx') {
    const line = await Line.open(this.ports.smtp);
    try {
      await line.smtp();
      await line.smtp('EHLO mx.example');
      for (const text of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
        const answer = await line.smtp(text);
        if (answer.code >= 400) return answer.code;
      }
      return (await line.smtp(`From: <${from}>\r\nTo: <${to}>\r\nSubject: ${subject}\r\nMessage-ID: <${id}>\r\n${rest}\r\n.`)).code;
    } finally {
      line.close();
    }
  }

  messages(name, ...query) {
    return this.doveadm('search', '-u', name, ...(query.length ? query : ['ALL'])).stdout.trim().split('\n').filter(Boolean).length;
  }

  /** What a connector of that kind is set up with. */
  settings(kind) {
    const { folder, ports } = this;
    const at = (service) => `127.0.0.1:${ports[service]}`;
    const helper = `${folder}/mail-host`;
    if (kind === 'dovecot')
      return {
        url: `http://${at('http')}/doveadm/v1`, imap: at('imap'), imap_tls: 'starttls', pop3: at('pop3'), managesieve: at('sieve'), managesieve_tls: 'starttls',
        submission: at('submission'), submission_tls: 'plain', door_ca_file: `${folder}/cert.pem`, ...(this.directory ? { directory: 'annuaire' } : { passwd_file: `${folder}/users/passwd` }), helper,
        quarantine: Object.keys(this.people).find((name) => name.startsWith('quarantine')),
      };
    const map = (name) => `hash:${folder}/maps/${name}`;
    return { helper, sasl_block: map('sasl_block'), sender_block: map('sender_block'), submission: at('smtps'), smtp: at('smtp'), ca_file: `${folder}/cert.pem`, domains: ['chu.test'] };
  }

  /** Lines of days before this one, as this server would have written them. */
  before(name, text) {
    const path = this.file(`log/${name}`);
    writeFileSync(path, text + readFileSync(path, 'utf8'));
  }
}
