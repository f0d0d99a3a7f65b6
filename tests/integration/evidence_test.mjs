// Evidence from its reception to the package that a stranger checks.
//
//   node tests/integration/evidence_test.mjs build/release/digue
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Workbench, close, expect, root, same, test } from './workbench.mjs';

const bench = await Workbench.start(join(root, 'data'));
await bench.signIn('A. Roche');
const { id } = await bench.newIncident();
const base = `/incidents/${id}`;
const uploaded = async (name, bytes, more = {}) => {
  const query = new URLSearchParams({ name, ...more });
  const answer = await bench.request('POST', `/api/v1${base}/exhibits?${query}`, { body: bytes });
  same(answer.status, 201, answer.text);
  return answer.json;
};
const custody = (exhibit) => bench.call('GET', `${base}/custody?exhibit=${exhibit}`);
const job = async (started) => {
  for (;;) {
    const one = (await bench.call('GET', `${base}/jobs`)).find((other) => other.id === started.id);
    if (one.ended) return one;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const facts = { source: 'srv-mail-01', authority: 'RSSI', method: 'export', tool: 'doveadm', tool_version: '2.3', acquired: '2026-03-09T21:00:00+01:00', acquired_by: 'B. Diop' };
const log = await uploaded('mail.log', '2026-03-09T08:00:00+01:00 mx1 dovecot: imap-login: Login: user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.200, mpid=1, TLS, session=<s1>\n', facts);
const mail = await uploaded('Boîte/../message.eml', 'Return-Path: <x@ch-exemple.fr>\r\nSubject: essai\r\n\r\nCorps du message.\r\n', { source: 'poste' });

await test('an exhibit has its record of acquisition; what nobody stated is named', async () => {
  same(log.acquisition.missing, [], 'all is stated');
  same([log.acquisition.who, log.acquisition.at], ['B. Diop', '2026-03-09T20:00:00Z'], 'who and when');
  same(mail.acquisition.missing, ['authority', 'tool'], 'what is missing');
  same([log.content, mail.content], ['log', 'mail'], 'content');
  const wrong = await bench.request('POST', `/api/v1${base}/exhibits?name=x&acquired=hier`, { body: 'x' });
  same([wrong.status, wrong.json.error.where], [422, 'acquired'], 'a time that is none');
  const body = { ...mail.acquisition, authority: 'Direction', tool: 'Thunderbird', reason: 'oubli' };
  same((await bench.call('POST', `${base}/exhibits/${mail.id}/acquisition`, body)).length, 2, 'both records stay');
  await bench.call('POST', `${base}/exhibits/${mail.id}/acquisition`, { ...body, reason: '' }, 422);
  const derived = await bench.request('POST', `/api/v1${base}/exhibits?name=y&parent=${log.id}`, { body: 'x' });
  same(derived.status, 422, 'a derived exhibit says how it was made');
});

await test('custody is a chain that the journal holds', async () => {
  await bench.call('POST', `${base}/exhibits/${log.id}/custody`, { what: 'transferred', recipient: 'Parquet', how: 'en main propre, reçu 12', purpose: 'enquête' }, 201);
  await bench.call('POST', `${base}/exhibits/${log.id}/custody`, { what: 'viewed', recipient: 'x', how: 'y', purpose: 'z' }, 422);
  const events = await custody('');
  same(events.map((one) => one.number), events.map((_, at) => at + 1), 'numbers');
  const linked = (await bench.journal(id)).flatMap((line) => line.links).filter((link) => link.kind === 'custody').map((link) => link.id);
  expect(linked.includes(events.at(-1).hash), 'the last event is told');
});

await test('mail is not shown before a reason is given', async () => {
  const path = `/api/v1${base}/exhibits/${mail.id}/text?part=headers`;
  const refused = await bench.request('GET', path);
  same([refused.status, refused.json.error.code, refused.json.error.where], [428, 'reason_needed', mail.id], 'refused');
  await bench.call('POST', `${base}/exhibits/${mail.id}/reading`, { purpose: 'hameçonnage signalé' }, 201);
  const shown = await bench.request('GET', path);
  expect(shown.json.text.includes('Subject: essai') && !shown.json.text.includes('Corps'), shown.text);
  expect((await bench.request('GET', path.replace('headers', 'whole'))).json.text.includes('Corps'), 'the whole');
  same((await custody(mail.id)).slice(-3).map((one) => one.what), ['opened', 'viewed', 'viewed'], 'custody');
  same((await bench.request('GET', `/api/v1${base}/exhibits/${log.id}/text`)).status, 200, 'a log asks for nothing');
});

await test('a changed byte in the vault is found, told and stays visible', async () => {
  same((await job(await bench.call('POST', `${base}/verifications`, { exhibits: [] }, 202))).state, 'done', 'the first');
  const file = join(bench.data, 'vault', log.sha256.slice(0, 2), log.sha256);
  const bytes = readFileSync(file);
  chmodSync(file, 0o600);
  writeFileSync(file, Buffer.concat([Buffer.from('X'), bytes.subarray(1)]));
  same((await job(await bench.call('POST', `${base}/verifications`, { exhibits: [log.id] }, 202))).state, 'done', 'the second');
  const all = await bench.call('GET', `${base}/exhibits`);
  same(all.map((one) => one.state).sort(), ['damaged', 'received'], 'states');
  expect((await bench.journal(id)).some((line) => line.about === 'verification.damaged' && line.text.includes('mail.log')), 'the journal tells it');
  writeFileSync(file, bytes);
  await job(await bench.call('POST', `${base}/verifications`, { exhibits: [log.id] }, 202));
  same((await bench.call('GET', `${base}/exhibits`)).map((one) => one.state), ['received', 'received'], 'mended');
});

await test('a disk that is not encrypted is told and waived', async () => {
  const disk = await bench.call('GET', '/disk');
  expect(['yes', 'no', 'unknown'].includes(disk.encrypted), disk.encrypted);
  if (disk.encrypted === 'yes') return void await bench.call('POST', '/disk/waiver', { reason: 'x' }, 409);
  expect((await bench.journal(id))[0].text.includes(disk.how), 'the incident says so');
  same((await bench.call('POST', '/disk/waiver', { reason: 'poste de secours' })).waiver.by, 'A. Roche', 'the waiver');
  same((await bench.journal(id)).at(-1).about, 'disk.waived', 'told');
});

await bench.kill('SIGTERM');
close();
