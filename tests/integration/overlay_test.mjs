// The establishment's overlay and its reflex card, through the HTTP interface and the commands of the real program.
//
//   node tests/integration/overlay_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

const bench = await Workbench.start(join(root, 'data'));
const call = (...all) => bench.call(...all);
const get = (path) => bench.request('GET', `/api/v1${path}`);
await bench.signIn();

const yaml = `schema: digue.overlay/1
platforms: [zimbra, active_directory]
actions:
  - action: 1.a
    before:
      - {text: "Prévenir le standard <b>", owner: on_call}
    after:
      - {text: Noter l’heure du blocage, owner: Cadre de garde, platform: zimbra}
    contacts:
      - {name: Éditeur du webmail, phone: 01 99 00 00 02}
  - {action: 3.b, not_applicable: pas de webmail}
`;
const task = async (incident, action) => (await call('GET', `/incidents/${incident}/tasks`)).find((one) => one.action === action);

const one = await call('POST', '/establishments', { name: 'CH d’Exemple <i>', finess: '750000018', region: 'bretagne', dpo: { name: 'M. Petit', phone: '01 99 00 00 03' } }, 201);
await call('POST', '/contacts', { name: 'Astreinte DSI', role: 'on_call', phone: '01 99 00 00 01', establishment: one.id }, 201);
const incident = await bench.newIncident();

await test('an overlay is imported, read, exported and imported again', async () => {
  same((await call('GET', `/establishments/${one.id}/overlay`)).actions, [], 'none at first');
  const saved = await call('PUT', `/establishments/${one.id}/overlay`, { yaml, file: 'fiche.yaml' });
  same(saved.platforms, ['zimbra', 'active_directory'], 'platforms');
  same(saved.actions[1].not_applicable, 'pas de webmail', 'reason');
  const exported = await get(`/establishments/${one.id}/overlay.yaml`);
  expect(exported.headers['content-disposition'].includes('digue-overlay.yaml'), 'a download');
  same(await call('PUT', `/establishments/${one.id}/overlay`, { yaml: exported.text }), saved, 'the same again');
  same(await call('PUT', `/establishments/${one.id}/overlay`, saved), saved, 'as JSON');
  await call('GET', '/establishments/absent/overlay', undefined, 404);
  await call('PUT', '/establishments/absent/overlay', saved, 404);
});

await test('a broken file is refused with file, line, what was expected and an example; the one before stays in use', async () => {
  for (const [text, where] of [
    [yaml.replace('3.b', '3.z'), 'fiche.yaml:11'],
    [yaml.replace('zimbra,', 'lotus,'), 'fiche.yaml:2'],
    ['schema: digue.overlay/1\nactions:\n  - {action: 3.b}\n', 'fiche.yaml:3'],
    ['schema: digue.overlay/1\nplatforms: &a [zimbra]\n', 'fiche.yaml:2:'],
    ['schema: digue.overlay/1\nschema: digue.overlay/1\n', 'fiche.yaml:2:'],
    ['- x', 'fiche.yaml:1'],
  ]) {
    const refused = (await call('PUT', `/establishments/${one.id}/overlay`, { yaml: text, file: 'fiche.yaml' }, 422)).error;
    expect(refused.where === where || (where.endsWith(':') && refused.where.startsWith(where)), `${refused.where} instead of ${where}: ${text}`);
    expect(refused.message, 'a message');
  }
  const refused = (await call('PUT', `/establishments/${one.id}/overlay`, { yaml: yaml.replace('3.b', '3.z'), file: 'fiche.yaml' }, 422)).error;
  expect(refused.help.includes('1.a') && refused.help.includes('9.b'), refused.help);
  await call('PUT', `/establishments/${one.id}/overlay`, { yaml: '' }, 422);
  await call('PUT', `/establishments/${one.id}/overlay`, 7, 422);
  same((await call('GET', `/establishments/${one.id}/overlay`)).actions.length, 2, 'still there');
});

await test('the tasks follow, with the reason and a line; a person opens one again with a reason', async () => {
  const idle = await task(incident.id, '3.b');
  same([idle.state, idle.changed], ['not_applicable', null], 'state');
  expect(idle.reason.includes('pas de webmail') && idle.reason.includes('CH d’Exemple'), idle.reason);
  expect((await bench.journal(incident.id)).some((line) => line.about === 'overlay.applied' && line.text.includes('3.b')), 'the line');
  const path = `/incidents/${incident.id}/tasks/${idle.id}`;
  same((await call('PATCH', path, { state: 'todo' }, 422)).error.where, 'reason', 'a reason is asked');
  same((await call('PATCH', path, { state: 'todo', reason: 'un webmail de secours' })).state, 'todo', 'open');
  await call('PUT', `/establishments/${one.id}/overlay`, { yaml });
  same((await task(incident.id, '3.b')).state, 'todo', 'a person has the last word');
});

await test('own steps and the platform reach the incident', async () => {
  const [entity] = await call('GET', `/incidents/${incident.id}/overlays`);
  same([entity.establishment, entity.actions[0].before[0].owner], [one.id, 'on_call'], 'steps');
  const first = await task(incident.id, '1.a');
  same((await call('GET', `/incidents/${incident.id}/tasks/${first.id}/commands`)).platform, 'zimbra', 'preselected');
  const names = (await call('GET', '/platforms')).map((platform) => platform.id);
  expect(names.includes('zimbra') && names.length === 9, names.join());
});

const titles = (await call('GET', '/playbook')).measures.flatMap((measure) => [measure, ...measure.actions]);

for (const language of ['fr', 'en']) {
  await test(`the card in ${language}: every measure and action, own steps, people, duties, credit`, async () => {
    const page = await get(`/establishments/${one.id}/card.html?lang=${language}`);
    same(page.status, 200, 'status');
    expect(/default-src 'none'; style-src 'unsafe-inline'/.test(page.headers['content-security-policy']), 'its own policy');
    expect(page.text.includes(`<html lang="${language}">`) && !page.text.includes('<script') && !page.text.includes('<i>'), 'encoded');
    const text = page.text.replaceAll('&#39;', '\'').replaceAll('&amp;', '&').replaceAll('&quot;', '"');
    same(titles.length, 31, 'measures and actions');
    for (const title of titles) expect(text.includes(title.title[language]), title.title[language]);
    for (const words of ['Prévenir le standard &lt;b&gt;', 'Astreinte DSI – 01 99 00 00 01', 'Noter l’heure du blocage', 'Cadre de garde – Zimbra', 'Éditeur du webmail – 01 99 00 00 02',
      'pas de webmail', 'M. Petit', '01 99 00 00 03', '09 72 43 91 25', 'Breizh Cyber', 'CERT Santé', 'InterCERT France', 'CC BY-NC-SA 4.0', '72', 'FINESS 750000018'])
      expect(text.includes(words), words);
  });
}

await test('the general card needs no establishment', async () => {
  const page = await get('/card.html?lang=en');
  expect(page.text.includes('General card') && !page.text.includes('Prévenir le standard'), 'nobody’s');
  await call('GET', '/establishments/absent/card.html', undefined, 404);
});

await test('the card as a PDF: four A4 pages at most, with its text', async () => {
  const pdf = join(root, 'carte.pdf');
  const made = spawnSync(program, ['establishment', 'card', one.id, 'pdf', '--lang', 'fr', '--data', bench.data], { maxBuffer: 1 << 26 });
  if (made.status !== 0) return skip(`the card as PDF: ${made.stderr}`);
  writeFileSync(pdf, made.stdout);
  const about = spawnSync('pdfinfo', [pdf], { encoding: 'utf8' });
  if (about.error) return skip('the card as PDF: poppler-utils is not installed');
  expect(/Page size:\s+59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)/.test(about.stdout), about.stdout);
  const pages = Number(/Pages:\s+(\d+)/.exec(about.stdout)[1]);
  expect(pages <= 4, `${pages} pages`);
  const text = spawnSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }).stdout;
  for (const words of ['Bloquer le compte de messagerie', '09 72 43 91 25', 'Prévenir le standard <b>', `${pages} / ${pages}`]) expect(text.includes(words), words);
  return undefined;
});

await test('commands: import, show, export; a wrong file is exit code 2', async () => {
  const folder = join(root, 'files');
  mkdirSync(folder);
  writeFileSync(join(folder, 'good.yaml'), 'schema: digue.overlay/1\nplatforms: [keycloak]\n');
  writeFileSync(join(folder, 'bad.yaml'), 'schema: digue.overlay/1\nplatforms: [lotus]\n');
  const digue = (...words) => spawnSync(program, [...words, '--data', bench.data], { encoding: 'utf8' });
  const taken = digue('establishment', 'import', one.id, '--yaml', join(folder, 'good.yaml'), '--json');
  same([taken.status, JSON.parse(taken.stdout).platforms], [0, ['keycloak']], taken.stderr);
  same(JSON.parse(digue('establishment', 'overlay', one.id, '--json').stdout).platforms, ['keycloak'], 'shown');
  expect(digue('establishment', 'export', one.id).stdout.startsWith('schema: digue.overlay/1\n'), 'exported');
  const refused = digue('establishment', 'import', one.id, '--yaml', join(folder, 'bad.yaml'));
  same(refused.status, 2, 'exit code');
  expect(refused.stderr.includes('overlay.yaml:2'), refused.stderr);
  same(digue('establishment', 'import', one.id, '--yaml', join(folder, 'absent.yaml')).status, 4, 'no file');
});

await bench.kill('SIGTERM');
close();
