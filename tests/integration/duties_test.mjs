// Establishments, contacts, duties, clocks, drafts and the register, through the HTTP interface of the real program.
//
//   node tests/integration/duties_test.mjs build/release/digue
import { join } from 'node:path';

import { Workbench, close, expect, root, same, test } from './workbench.mjs';

const bench = await Workbench.start(join(root, 'data'));
const call = (...all) => bench.call(...all);
const ago = (hours) => new Date(Date.now() - hours * 3600000).toISOString();

await test('help is at hand before sign-in, people are not', async () => {
  const services = await call('GET', '/services');
  same(services.find((one) => one.id === 'cert-sante').phone, '09 72 43 91 25', 'CERT Santé');
  for (const path of ['/contacts', '/establishments', '/calls', '/incidents/x/duties']) await call('GET', path, undefined, 401);
});

await bench.signIn();
const incident = await call('POST', '/incidents', { title: '=Boîte\r\n<b>', description: 'Récit', confirmed: true, exercise: false }, 201);
const at = `/incidents/${incident.id}`;
const duty = (view, id, entity = 0) => view.entities[entity].duties.find((one) => one.id === id);
const lines = async () => (await call('GET', `${at}/journal?limit=500`)).entries;

await test('duties stand there before anything is filled in', async () => {
  const view = await call('GET', `${at}/duties`);
  same(view.entities.length, 1, 'entities');
  same([duty(view, 'cert-sante').state, duty(view, 'cnil').state, duty(view, 'nis2-alert').state], ['running', 'waiting', 'inactive'], 'states');
  for (const one of view.entities[0].duties)
    for (const part of ['title', 'summary', 'who', 'why']) expect(one[part].fr && one[part].en && one[part].fr !== one[part].en, `${one.id} ${part}`);
  await call('GET', '/incidents/absent/duties', undefined, 404);
});

let a;
let b;
await test('establishments are checked, kept and changed', async () => {
  a = await call('POST', '/establishments', { name: 'CH A', finess: '750000018', statuses: ['OSE'], insurer: 'Assureur', insurer_hours: 24, own_domains: ['ch-a.fr'], own_ranges: ['192.0.2.0/24'] }, 201);
  b = await call('POST', '/establishments', { name: 'CH B', zone: 'Indian/Reunion', calendar: 'reunion' }, 201);
  await call('POST', '/establishments', { name: 'x', own_ranges: ['nowhere'] }, 422);
  await call('POST', '/establishments', { name: 'x', calendar: 'mars' }, 422);
  await call('POST', '/establishments', { finess: '750000018' }, 422);
  await call('PUT', '/establishments/absent', { name: 'x' }, 404);
  same((await call('PUT', `/establishments/${a.id}`, { ...a, siren: '123 456 789' })).siren, '123456789', 'SIREN');
  same((await call('GET', '/establishments')).map((one) => one.name), ['CH A', 'CH B'], 'establishments');
});

await test('each establishment concerned has its own duties', async () => {
  await call('PUT', `${at}/establishments`, { establishments: ['absent'] }, 422);
  const view = await call('PUT', `${at}/establishments`, { establishments: [a.id, b.id] });
  same(view.entities.map((one) => one.name), ['CH A', 'CH B'], 'entities');
  same([duty(view, 'anssi').state, duty(view, 'anssi', 1).state], ['running', 'not_applicable'], 'ANSSI');
  same([duty(view, 'complaint').verdict, duty(view, 'complaint', 1).verdict], ['required', 'in_doubt'], 'complaint');
});

await test('the clock of the CNIL: 72 elapsed hours from awareness, late asks why', async () => {
  const aware = ago(80).replace(/\.\d+Z/, 'Z');
  await call('POST', `${at}/instants`, { establishment: '', name: 'awareness', at: aware }, 422);
  await call('POST', `${at}/instants`, { establishment: '', name: 'awareness', at: '2026-03-29 02:30', reason: 'x' }, 422);
  await call('POST', `${at}/instants`, { establishment: '', name: 'awareness', at: ago(-5), reason: 'x' }, 422);
  const view = await call('POST', `${at}/instants`, { establishment: '', name: 'awareness', at: aware, reason: 'constat' });
  same([duty(view, 'cnil').state, Date.parse(duty(view, 'cnil').deadline) - Date.parse(aware)], ['late', 72 * 3600000], 'late');
  await call('POST', `${at}/duties/cnil/filing`, { establishment: a.id, filed: ago(0.01), receipt: 'FR-1' }, 422);
  const filed = await call('POST', `${at}/duties/cnil/filing`, { establishment: a.id, filed: ago(0.01), receipt: 'FR-1', reason: 'téléservice indisponible' });
  same([duty(filed, 'cnil').state, duty(filed, 'cnil').filed_late, duty(filed, 'cnil', 1).state], ['done', true, 'late'], 'filed by one');
  same(duty(filed, 'cnil-complement').state, 'running', 'the complement runs');
  await call('POST', `${at}/duties/cnil/filing`, { establishment: 'absent', filed: ago(1) }, 422);
  await call('POST', `${at}/duties/nothing/filing`, { establishment: a.id, filed: ago(1) }, 404);
});

await test('the qualification decides; a person may overrule with a reason', async () => {
  const view = await call('GET', `${at}/qualification`);
  await call('POST', `${at}/qualification`, { based_on: 0, answers: { ...Object.fromEntries(view.questions.map((one) => [one.id, 'no'])), confirmed: 'yes', mssante: 'unknown' }, severity: 'minor', reason: 'limité' }, 201);
  const after = await call('GET', `${at}/duties`);
  same([duty(after, 'cnil', 1).state, duty(after, 'mssante', 1).verdict], ['not_applicable', 'in_doubt'], 'after the qualification');
  await call('POST', `${at}/duties/cnil/overrule`, { establishment: b.id, applies: true, reason: ' ' }, 422);
  const over = await call('POST', `${at}/duties/cnil/overrule`, { establishment: b.id, applies: true, reason: 'avis du délégué' });
  same([duty(over, 'cnil', 1).state, duty(over, 'cnil', 1).filing.overruled_by], ['late', 'A. Roche'], 'overruled');
});

await test('every change is a line of the main courante', async () => {
  const about = (await lines()).map((one) => one.about);
  for (const kind of ['establishment.concerned', 'duty.instant', 'duty.filed', 'duty.overruled']) expect(about.includes(kind), `no line ${kind}`);
});

await test('drafts are plain text, filled and bounded', async () => {
  const fr = await call('GET', `${at}/duties/cert-sante/draft?lang=fr&establishment=${a.id}`);
  expect(fr.body.includes('FINESS 750000018') && fr.body.includes('FR-1'), fr.body);
  expect(fr.body.includes('=Boîte <b>') && !fr.subject.includes('\n'), 'the title stays on its line');
  const en = await call('GET', `${at}/duties/cnil/draft?lang=en&establishment=${a.id}`);
  expect(en.body.includes('téléservice indisponible') && en.body.includes('[to be completed]'), en.body);
});

await test('the register of breaches leaves as CSV that no spreadsheet runs', async () => {
  await call('PUT', `${at}/breaches`, { establishment: a.id, nature: '=1+1', facts: 'x'.repeat(5000) }, 422);
  await call('PUT', `${at}/breaches`, { establishment: a.id, nature: '=1+1', facts: 'lecture de la boîte' });
  const { status, text, headers } = await bench.request('GET', `/api/v1${at}/breaches.csv?lang=fr`);
  same([status, headers['content-type']], [200, 'text/csv; charset=utf-8'], 'type');
  expect(text.includes('"\'=1+1"') && text.includes('"\'=Boîte'), text);
  expect(text.split('\r\n').length >= 4, 'a head and two establishments');
});

await test('who to call: contacts of the house fill roles', async () => {
  await call('POST', '/contacts', { name: 'Astreinte', role: 'king' }, 422);
  const one = await call('POST', '/contacts', { name: 'Garde', role: 'provider', phone: '01 00 00 00 00' }, 201);
  await call('POST', '/contacts', { name: 'ARS', role: 'other', replaces: 'ars-bretagne', phone: '02 00 00 00 00' }, 201);
  await call('POST', '/contacts', { name: 'ARS', role: 'other', replaces: 'ars-bretagne' }, 409);
  const calls = await call('GET', `/calls?incident=${incident.id}`);
  same(calls.entities.map((entity) => entity.name), ['CH A', 'CH B'], 'entities');
  const ways = calls.entities[0].calls.flatMap((line) => line.ways);
  expect(ways.some((way) => way.contact === 'cert-sante' && way.reached[0].phone === '09 72 43 91 25'), 'CERT Santé');
  expect(ways.some((way) => way.contact === 'cert-fr'), 'CERT-FR for an OSE');
  const english = (await bench.request('GET', `/api/v1/calls?incident=${incident.id}`, { headers: { 'Accept-Language': 'en' } })).json;
  expect(english.entities[0].calls.flatMap((line) => line.ways.flatMap((way) => way.reached)).some((who) => who.name === 'Reporting portal (CERT Santé)'), 'names in the language asked for');
  await call('DELETE', `/contacts/${one.id}`, undefined, 204);
  await call('DELETE', `/contacts/${one.id}`, undefined, 404);
  same((await call('GET', '/contacts')).people.length, 1, 'people');
});

await bench.kill('SIGTERM');
close();
