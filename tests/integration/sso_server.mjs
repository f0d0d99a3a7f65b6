// Debian's LemonLDAP::NG portal for one test: two processes, sessions in files, accounts NAME@chu.test whose password is their name, one-time
// codes that anybody may register; beside it the program that Digue may run.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from './ports.mjs';
import { totp } from './totp.mjs';

const program = new URL('../../packaging/host/digue-sso-host', import.meta.url).pathname;
const perl = '/usr/share/perl5';
const missing = ['/usr/bin/starman', '/usr/bin/setpriv', `${perl}/Lemonldap/NG/Portal.pm`, `${perl}/Convert/Base32.pm`, `${perl}/Digest/HMAC_SHA1.pm`].find((path) => !existsSync(path));

export class SsoServer {
  static skipped = missing ? `${missing} is not installed` : process.getuid() !== 0 ? 'the portal is started as root only here' : '';

  static async start(people) {
    const sso = new SsoServer();
    sso.folder = mkdtempSync(join(tmpdir(), 'digue-sso-'));
    const at = sso.folder;
    chmodSync(at, 0o755);
    for (const one of ['conf', 'sessions/lock', 'kept/lock', 'cache']) mkdirSync(join(at, one), { recursive: true });
    sso.url = `http://127.0.0.1:${await freePort()}/`;
    const files = (folder) => ({ Directory: join(at, folder), LockDirectory: join(at, folder, 'lock') });
    writeFileSync(join(at, 'conf/lmConf-1.json'), JSON.stringify({
      cfgNum: 1, cfgDate: 1700000000, cfgAuthor: 'digue', authentication: 'Demo', userDB: 'Same', portal: sso.url, domain: '127.0.0.1', cookieName: 'lemonldap',
      securedCookie: 0, https: 0, handlerInternalCache: 3, key: '0123456789abcdef', requireToken: 0, globalStorage: 'Apache::Session::File', globalStorageOptions: files('sessions'),
      persistentStorage: 'Apache::Session::File', persistentStorageOptions: files('kept'), localSessionStorage: 'Cache::FileCache',
      localSessionStorageOptions: { cache_root: join(at, 'cache'), namespace: 's', default_expires_in: 600, cache_depth: 3, directory_umask: '007' },
      totp2fSelfRegistration: 1, totp2fActivation: 1, whatToTrace: '_whatToTrace', macros: { _whatToTrace: '$_user' },
      demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' }, locationRules: { '127.0.0.1': { default: 'accept' } }, exportedHeaders: { '127.0.0.1': {} },
    }));
    writeFileSync(join(at, 'portal.ini'), `[all]\nlogLevel=warn\n[configuration]\ntype=File\ndirName=${at}/conf\n[portal]\nlanguages=en\ntemplateDir=/usr/share/lemonldap-ng/portal/templates\n`);
    writeFileSync(join(at, 'portal.psgi'), `use Lemonldap::NG::Portal;\nuse Lemonldap::NG::Portal::UserDB::Demo;
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = map { $_ => { uid => $_, cn => $_, mail => "$_\\@chu.test" } } qw(${people.join(' ')});
Lemonldap::NG::Portal->run({});\n`);
    writeFileSync(join(at, 'sso-host'), `#!/bin/sh\nLLNG_DEFAULTCONFFILE=${at}/portal.ini exec setpriv --reuid www-data --regid www-data --clear-groups ${program} "$@"\n`, { mode: 0o755 });
    execFileSync('chown', ['-R', 'www-data:www-data', at]);
    const port = new URL(sso.url).port;
    process.once('exit', () => sso.portal?.kill('SIGTERM'));
    sso.portal = spawn('/usr/bin/starman', ['--user', 'www-data', '--group', 'www-data', '--workers', '2', '--host', '127.0.0.1', '--port', port, join(at, 'portal.psgi')],
      { stdio: 'ignore', env: { ...process.env, LLNG_DEFAULTCONFFILE: join(at, 'portal.ini') } });
    for (let i = 0; ; i += 1) {
      const answer = await fetch(`${sso.url}ping`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
      if (answer && answer.status < 500) return sso;
      if (i === 400 || sso.portal.exitCode !== null) throw new Error('the portal does not start');
      await sleep(100);
    }
  }

  async stop() {
    const ended = new Promise((done) => this.portal.once('exit', done));
    this.portal.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask(path, { id = '', form, headers = {} } = {}) {
    const answer = await fetch(this.url + path, {
      method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form), redirect: 'manual', signal: AbortSignal.timeout(20_000),
      headers: { Accept: 'application/json', 'X-CSRF-Check': '1', Cookie: `lemonldap=${id}`, ...headers },
    });
    return { status: answer.status, json: await answer.json().catch(() => ({})) };
  }

  /** A new session; null when the password alone does not open one. */
  async signIn(user) {
    return (await this.ask('', { form: { user, password: user } })).json.id ?? null;
  }

  async who(id) {
    const { status, json } = await this.ask('mysession/?whoami', { id });
    return status === 200 ? json.result : null;
  }

  /** What a person's telephone does at the portal's page; gives its secret. */
  async enrol(id, name) {
    const { json: key } = await this.ask('2fregisters/totp/getkey', { id, form: { x: '1' } });
    const { json } = await this.ask('2fregisters/totp/verify', { id, form: { token: key.token, code: totp(key.secret.toUpperCase()), TOTPName: name } });
    if (json.result !== 1) throw new Error(`the portal does not register: ${JSON.stringify(json)}`);
    return key.secret;
  }

  /** Everything that the portal keeps, as text. */
  kept() {
    return ['kept', 'sessions'].flatMap((folder) => readdirSync(join(this.folder, folder), { withFileTypes: true }).filter((one) => one.isFile())
      .map((one) => readFileSync(join(this.folder, folder, one.name), 'utf8'))).join('\n');
  }

  settings() {
    return { helper: join(this.folder, 'sso-host'), domains: ['chu.test'] };
  }
}
