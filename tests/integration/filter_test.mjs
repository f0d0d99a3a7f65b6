// Temporary blocks in a mail filter: a real Rspamd in front of Postfix and Dovecot. A sender, a domain, a link and an attachment are refused at
// the door, others are not; blocks are taken back, or end at their date by themselves.
//
//   node tests/integration/filter_test.mjs build/release/digue
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { FilterServer } from './filter_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { operationsOf } from './operations.mjs';
import { Workbench, close, expect, root, same, skip, test } from './workbench.mjs';

const why = MailServers.skipped || FilterServer.skipped;
if (why) {
  skip(`blocks in a mail filter: ${why}`);
  await close();
}

const filter = await FilterServer.start();
const mail = await MailServers.start({ 'marie@chu.test': 'Printemps2026' }, { filter });
const bench = await Workbench.start(join(root, 'filter'));
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
const { order, until, carry, undo } = operationsOf(() => bench, at, { account: '', reason: 'hameçonnage' });
const blocking = (parameters, seconds) => ({ parameters, until: new Date(Date.now() + seconds * 1000).toISOString() });
let n = 0;
const arrives = async (from, ...rest) => (await mail.receive(from, 'marie@chu.test', 'Bonjour', `m${n += 1}@x.example`, ...rest)) < 400;
const linking = (link) => `MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<a href="${link}">Votre dossier</a>`;
const attaching = (bytes) => `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nFacture\r\n--b1\r
Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=facture.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64')}\r\n--b1--`;

await test('the filter is set up and tried; before any block all mail arrives', async () => {
  await bench.call('PUT', '/connectors/antispam', { kind: 'rspamd', settings: filter.settings(), secrets: { password: 'digue-secret' } });
  same((await bench.call('POST', '/connectors/antispam/test', {})).find((one) => one.action === '7.c').way, 'automatic', '7.c');
  for (const from of ['faux@evil.example', 'labo@partner.example']) same(await arrives(from), true, from);
});

let block;
await test('a sender is refused at the door until a date, and nobody else', async () => {
  block = await carry('antispam', 'sender.block', blocking({ sender: 'faux@evil.example' }, 7 * 86_400));
  expect(block.plan.care.length > 0 && filter.text('sender').includes(`IR-`), 'told, and marked with the incident');
  same(await arrives('faux@evil.example'), false, 'the sender');
  for (const from of ['autre@evil.example', 'labo@partner.example']) same(await arrives(from), true, from);
  await bench.call('POST', `${at}/operations`, order('antispam', 'domain.block', blocking({ domain: 'chu.test' }, 3600)), 403);
});

await test('taken back, the sender’s mail arrives again', async () => {
  await undo(block);
  same(await arrives('faux@evil.example'), true, 'the sender');
});

await test('a domain’s block ends at its date by itself, and the main courante tells it', async () => {
  const domain = await carry('antispam', 'domain.block', blocking({ domain: 'evil.example' }, 30));
  same(await arrives('faux@evil.example'), false, 'the domain');
  await until(domain.id, ['undone']);
  same(await arrives('faux@evil.example'), true, 'after its date');
  const lines = (await bench.journal(incident.id)).map((one) => one.about);
  for (const about of ['operation.lifts', 'operation.undone']) expect(lines.includes(about), about);
});

const partner = 'labo@partner.example';
const trap = linking('https://www.chu.test@evil.example:8443/Connexion?jeton=1#marie@chu.test');

await test('a page is refused at the door however its link is written, the rest of its site is not, until it is taken back', async () => {
  same(await arrives(partner, trap), true, 'before');
  const page = await carry('antispam', 'url.block', blocking({ url: 'hxxps://evil[.]example/connexion' }, 86_400));
  same(filter.text('url').startsWith('evil.example/connexion # IR-'), true, 'one line, marked with the incident');
  same(await arrives(partner, trap), false, 'the link');
  same(await arrives(partner, linking('https://evil.example/aide')), true, 'another page');
  same(await arrives(partner), true, 'no link');
  await undo(page);
  same(await arrives(partner, trap), true, 'after the undo');
});

await test('links that are no link, that hide a second line, or that lead to the establishment, are not taken', async () => {
  const lines = filter.text('url');
  for (const url of ['http://evil.example/a%0a*', 'evil.example # x', '/.*/', 'a@evil.example', 'http://evil.example/\n*'])
    await bench.call('POST', `${at}/operations`, order('antispam', 'url.block', blocking({ url }, 3600)), 422);
  await bench.call('POST', `${at}/operations`, order('antispam', 'url.block', blocking({ url: 'https://www.chu.test/x' }, 3600)), 403);
  await bench.call('POST', `${at}/operations`, order('antispam', 'attachment.block', blocking({ sha256: 'facture.pdf' }, 3600)), 422);
  same(filter.text('url'), lines, 'the map');
});

await test('an attachment is refused by its hash until its date, then arrives again', async () => {
  const bytes = Buffer.from('MZ\x90 logiciel malveillant', 'latin1');
  same(await arrives(partner, attaching(bytes)), true, 'before');
  const sha256 = createHash('sha256').update(bytes).digest('hex').toUpperCase();
  const file = await carry('antispam', 'attachment.block', blocking({ sha256 }, 45));
  same(file.plan.steps.length, 2, 'its line and the sample’s');
  expect(file.probes.every((probe) => probe.good) && file.probes.some((probe) => probe.expected === 'refused'), JSON.stringify(file.probes));
  same(await arrives(partner, attaching(bytes)), false, 'the file');
  same(await arrives(partner, attaching(Buffer.from('Compte rendu'))), true, 'another file');
  await until(file.id, ['undone']);
  same(await arrives(partner, attaching(bytes)), true, 'after its date');
  same(filter.text('attachment').trim(), '', 'nothing of it is left');
});

await mail.stop();
await filter.stop();
await close();
