// A whole response, from a strange mail to a package for the judge: a phished password, sign-ins from abroad, a redirect, a shared folder,
// fraudulent mail sent and traces deleted, an account planted in the directory. Played on real Postfix, Dovecot and a directory behind them.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { attackedMail, attacker, password, sieve, victim } from './attack.mjs';
import { operationsOf } from './operations.mjs';
import { Workbench, expect, program, root, same, test } from './workbench.mjs';

/** `directory`: one of directories.mjs, running; `filter`: an Rspamd, or null. */
export async function respond(name, directory, filter) {
  const { mail, stolen } = await attackedMail({ directory, filter });
  await stolen.imap('STORE 1 +FLAGS (\\Deleted)');
  expect((await stolen.imap('EXPUNGE')).includes('a OK'), 'the hook is deleted');
  directory.plant();

  const start = () => Workbench.start(join(root, name), ['--zone', Intl.DateTimeFormat().resolvedOptions().timeZone]);
  let bench = await start();
  await bench.signIn();
  const incident = await bench.newIncident();
  const at = `/incidents/${incident.id}`;
  await bench.call('POST', `${at}/accounts`, { account: victim, reason: 'signalée' });
  const { plan, order, approve, until, carry, undo, analyse } = operationsOf(() => bench, at, { account: victim });
  const week = () => new Date(Date.now() + 7 * 86_400_000).toISOString();
  const refused = { account: '', parameters: { sender: 'faux-support@evil.example' } };
  let n = 0;
  const arrives = async (from) => {
    const before = mail.messages(victim);
    if ((await mail.receive(from, victim, 'Bonjour', `n${n += 1}@x.example`)) >= 400) return false;
    for (let i = 0; i < 300 && mail.messages(victim) === before; i += 1) await sleep(100);
    return mail.messages(victim) > before;
  };
  const nobodyIn = async (secret) => {
    same(await mail.signIn(victim, secret, attacker), null, 'IMAP');
    same(await mail.sieve(victim, secret, attacker), null, 'ManageSieve');
    expect((await mail.submit(victim, secret, attacker, victim, ['paul@chu.test'], 'x')) >= 500, 'submission');
  };
  const shares = () => mail.doveadm('acl', 'get', '-u', victim, 'INBOX').stdout;
  const planting = () => mail.doveadm('sieve', 'get', '-u', victim, 'a').stdout;

  await test(`${name}: the platforms are set up and tried`, async () => {
    await bench.call('PUT', '/connectors/annuaire', { kind: directory.kind, settings: directory.settings(), secrets: { password: directory.secret } });
    await bench.call('PUT', '/connectors/imap', { kind: 'dovecot', settings: mail.settings('dovecot'), secrets: { api_key: 'test-api-key' } });
    await bench.call('PUT', '/connectors/smtp', { kind: 'postfix', settings: mail.settings('postfix') });
    if (filter) await bench.call('PUT', '/connectors/antispam', { kind: 'rspamd', settings: filter.settings(), secrets: { password: 'digue-secret' } });
    for (const { name: one } of await bench.call('GET', '/connectors')) {
      const ready = await bench.call('POST', `/connectors/${one}/test`, {});
      expect(ready.some((action) => action.way === 'automatic'), one);
    }
  });

  let story;
  await test(`${name}: Digue collects by itself, and tells who got in, what was done, and whom the directory made meanwhile`, async () => {
    const since = { since: new Date(Date.now() - 16 * 86_400_000).toISOString() };
    const collect = (platform, capability, more = {}) => bench.call('POST', `${at}/collections`, order(platform, capability, more), 201);
    await collect('smtp', 'logs.export', { parameters: since });
    await collect('imap', 'rule.list');
    await collect('imap', 'mail.export', { parameters: since });
    await collect('annuaire', 'account.list', { account: '', parameters: since });
    await collect('annuaire', 'privilege.list');
    story = await analyse();
    const told = story.accounts.find((one) => one.account === victim);
    same(told?.verdict, 'compromised', JSON.stringify(story.accounts));
    same(story.accounts.filter((one) => one.account !== victim && one.verdict === 'compromised'), [], 'nobody else');
    const rules = story.findings.filter((one) => one.account === victim).map((one) => one.rule);
    for (const rule of ['rule_effect', 'mass_sending']) expect(rules.includes(rule), `${rule} in ${rules}`);
    expect(story.findings.some((one) => one.rule === 'account_planted' && one.account === directory.planted), JSON.stringify(story.findings.map((one) => [one.rule, one.account])));
    expect(story.sessions.some((one) => one.actor === 'attacker' && one.ips.includes(attacker)), 'the attacker’s sessions');
  });

  const told = Date.now();
  await test(`${name}: the story proposes, for the planted account too`, async () => {
    const all = await bench.call('GET', `${at}/proposals`);
    const of = (capability, account) => all.find((one) => one.capability === capability && one.account === account);
    for (const [capability, account, platform] of [['account.block', victim, 'annuaire'], ['password.reset', victim, 'annuaire'], ['rule.disable', victim, 'imap'], ['queue.hold', victim, 'smtp'], ['account.disable', directory.planted, 'annuaire']]) {
      const one = of(capability, account);
      expect(one && one.platforms.includes(platform) && one.evidence.length > 0, `${capability} of ${account}: ${JSON.stringify(one)}`);
    }
  });

  const before = { directory: directory.state(), shares: shares(), sieve: planting() };
  const done = [];
  let secret = '';
  await test(`${name}: from the story to the last verified measure, and the attacker is proven out while mail arrives`, async () => {
    done.push(await carry('annuaire', 'account.block'), await carry('smtp', 'account.block'));
    const reset = await carry('annuaire', 'password.reset');
    const revoked = await carry('imap', 'session.revoke');
    const doors = revoked.probes.filter((one) => one.source && one.good).map((one) => one.what.split(' ')[0]);
    for (const door of ['imap', 'managesieve', 'submission']) expect(doors.includes(door), `${door} is tried with the new password: ${JSON.stringify(revoked.probes)}`);
    secret = (await bench.call('POST', `${at}/operations/${reset.id}/password`, {})).password;
    done.push(await carry('imap', 'rule.disable'), await carry('imap', 'delegation.remove', { parameters: { identifier: 'user=paul@chu.test' } }));
    done.push(await carry('annuaire', 'account.disable', { account: directory.planted }), await carry('annuaire', 'privilege.remove'));
    console.log(`     from the story to the last verified P0 operation: ${((Date.now() - told) / 1000).toFixed(1)} s`);
    done.push(await carry('smtp', 'queue.hold', { parameters: { sasl_username: victim } }));
    done.push(await carry(filter ? 'antispam' : 'smtp', 'sender.block', { ...refused, until: week() }));
    expect(!(await stolen.imap('NOOP')).includes('a OK'), 'the session of the attacker');
    for (const one of [password, secret]) await nobodyIn(one);
    expect(!directory.lets(), 'the planted account');
    expect(!directory.admins(), 'the administrators');
    same([await arrives('labo@partner.example'), await arrives('faux-support@evil.example')], [true, false], 'mail of others, mail of the attacker');
  });

  await test(`${name}: killed meanwhile, each platform’s measures end as they would have`, async () => {
    const paul = { account: 'paul@chu.test' };
    const wanted = [['annuaire', 'account.block', paul], ['smtp', 'account.block', paul], ['smtp', 'sender.block', { account: '', parameters: { sender: 'autre@evil.example' }, until: week() }]];
    if (filter) wanted.push(['antispam', 'sender.block', { account: '', parameters: { sender: 'autre@evil.example' }, until: week() }]);
    for (const [platform, capability, more] of wanted)
      for (const wait of [0, 150]) {
        const state = directory.state();
        const one = await plan(platform, capability, more);
        await approve(one);
        await sleep(wait);
        await bench.kill('SIGKILL');
        bench = await start();
        await bench.signIn();
        const ended = await until(one.id, ['verified']);
        expect(ended.runs.every((run) => run.state === 'done'), `${platform} ${capability}: ${JSON.stringify(ended.runs)}`);
        await undo(ended);
        same(directory.state(), state, `directory after ${platform} ${capability}`);
      }
  });

  await test(`${name}: undone in turn, scripts, shares and directory are as they were`, async () => {
    for (const one of done.toReversed()) await undo(one);
    const without = (text) => text.split('\n').filter((line) => !directory.restless.test(line)).join('\n');
    same(without(directory.state()), without(before.directory), 'directory');
    same([planting(), shares()], [before.sieve, before.shares], 'script and share');
    same(planting(), `sieve script:\n${sieve}`, 'the script of the attacker, byte for byte');
    same(await arrives('faux-support@evil.example'), true, 'the sender');
    same(await mail.signIn(victim, password, attacker), null, 'the stolen password stays dead');
  });

  await test(`${name}: our own trials are ours in the next story`, async () => {
    await bench.call('POST', `${at}/collections`, order('smtp', 'logs.export', { parameters: { since: new Date(Date.now() - 3_600_000).toISOString() } }), 201);
    const again = await analyse();
    const { events } = await bench.call('GET', `${at}/events?account=${encodeURIComponent(victim)}&actor=responder&limit=500`);
    expect(events.length >= 4 && events.every((one) => one.activity === 'own_probe' && one.ip === '127.0.0.1'), JSON.stringify(events));
    same(again.sessions.filter((one) => one.account === victim && one.ips.includes('127.0.0.1')), [], 'nobody else came from here');
    same(again.accounts.find((one) => one.account === victim)?.verdict, 'compromised', 'verdict');
  });

  await test(`${name}: the main courante and the package verify; no password is in the main courante`, async () => {
    const cli = (...words) => spawnSync(program, [...words, '--json'], { encoding: 'utf8' });
    const verify = cli('journal', 'verify', incident.id, '--data', join(root, name));
    same(verify.status, 0, verify.stdout + verify.stderr);
    const job = await bench.call('POST', `${at}/packages`, { recipient: 'Parquet', purpose: 'enquête', tlp: 'red' }, 202);
    let state;
    do {
      await sleep(100);
      state = (await bench.call('GET', `${at}/jobs`)).find((one) => one.id === job.id);
    } while (!state.ended);
    same([state.state, state.error], ['done', null], 'package');
    const one = (await bench.call('GET', `${at}/packages`)).at(-1);
    const answer = await fetch(`http://127.0.0.1:${bench.port}/api/v1${at}/packages/${one.id}/file`, { headers: { Cookie: bench.cookie } });
    const file = join(root, one.name);
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    const checked = cli('verify', file);
    same(checked.status, 0, checked.stdout + checked.stderr);
    const lines = JSON.stringify(await bench.journal(incident.id));
    for (const word of [password, secret, directory.secret, 'test-api-key']) expect(word && !lines.includes(word), 'no password in the main courante');
  });

  await mail.stop();
}
