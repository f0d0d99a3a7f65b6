// Qualification, the life of tasks and stages, through the HTTP interface of the real program.
//
//   node tests/integration/qualify_test.mjs build/release/digue
import { join } from 'node:path';

import { Workbench, close, expect, root, same, test } from './workbench.mjs';

const bench = await Workbench.start(join(root, 'data'));
const call = (...all) => bench.call(...all);
await bench.signIn();
const incident = await call('POST', '/incidents', { title: 'Boîte compromise', description: '', confirmed: false, exercise: false }, 201);
const at = `/incidents/${incident.id}`;
const X = 'x@ch-exemple.fr';
const task = async (action, target = X) => (await call('GET', `${at}/tasks`)).find((one) => one.action === action && one.target === target);
const patch = async (action, body, wanted = 200, target = X) => call('PATCH', `${at}/tasks/${(await task(action, target)).id}`, body, wanted);
const qualify = (body, wanted = 201) => call('POST', `${at}/qualification`, body, wanted);

await test('the questions come in both languages, with a time box', async () => {
  const view = await call('GET', `${at}/qualification`);
  same(view.questions.length, 21, 'questions');
  for (const one of view.questions)
    for (const part of ['question', 'why', 'how', 'statement']) expect(one[part].fr && one[part].en && one[part].fr !== one[part].en, `${one.id} ${part}`);
  same([view.time_box.low, view.time_box.high, view.current, view.versions], [30, 60, null, []], 'before the first');
});

await test('a preview suggests and keeps nothing', async () => {
  const all = { confirmed: 'yes', other_accounts: 'yes', patient_data: 'yes', ongoing: 'yes' };
  same((await call('POST', `${at}/qualification/preview`, { answers: all })).severity, 'crisis', 'wide, strong and urgent');
  same((await call('POST', `${at}/qualification/preview`, { answers: { ...all, ongoing: 'unknown' } })).severity, 'major', 'urgency unknown');
  same((await call('POST', `${at}/qualification/preview`, { answers: all, judgements: { perimeter: 'limited' } })).severity, 'major', 'judged limited');
  await call('POST', `${at}/qualification/preview`, { answers: { nothing: 'yes' } }, 422);
  await call('POST', `${at}/qualification/preview`, { answers: { ongoing: 'perhaps' } }, 422);
  await call('POST', `${at}/qualification/preview`, { answers: [] }, 422);
  await call('POST', `${at}/qualification/preview`, { answers: {}, judgements: { mood: 'wide' } }, 422);
  same((await call('GET', `${at}/qualification`)).versions, [], 'versions');
});

await test('a person decides; another severity asks why; every version is kept', async () => {
  const answers = { confirmed: 'yes', patient_data: 'yes', mail_sent_outside: 'yes', ongoing: 'unknown' };
  await qualify({ based_on: 0, answers, severity: 'crisis' }, 422);
  const first = await qualify({ based_on: 0, answers, severity: 'major', note: 'appel du cadre', started: new Date().toISOString(), minutes: 30 });
  same([first.current.version, first.current.severity, first.current.confirmed, first.current.minutes], [1, 'major', true, 30], 'first');
  same([first.suggestion.duties, first.suggestion.to_find], [['confirmed', 'mail_sent_outside', 'patient_data'], ['ongoing']], 'duties and what to find');
  await qualify({ based_on: 0, answers, severity: 'major', reason: 'x' }, 409);
  await qualify({ based_on: 1, answers, severity: 'major' }, 422);
  const second = await qualify({ based_on: 1, answers: { ...answers, other_accounts: 'yes', ongoing: 'yes' }, severity: 'crisis', reason: 'deux autres boîtes' });
  same(second.versions.map((one) => one.severity), ['major', 'crisis'], 'versions');
  const now = await call('GET', at);
  same([now.severity, now.confirmed], ['crisis', true], 'incident');
  const lines = (await call('GET', `${at}/journal?limit=500`)).entries.filter((one) => one.about === 'qualification.decided');
  same(lines.map((one) => one.kind), ['decision', 'decision'], 'journal');
  expect(lines[1].text.includes('deux autres boîtes') && lines[1].text.includes('je ne sais pas → oui'), lines[1].text);
});

await test('tasks: due by severity, raised first, M1 and M2 for each account, a workstation by name', async () => {
  await call('POST', `${at}/accounts`, { account: X, reason: '' });
  await call('POST', `${at}/accounts`, { account: 'y@ch-exemple.fr', reason: '' });
  const tasks = await call('POST', `${at}/workstations`, { name: 'PC-1', account: X });
  for (const account of [X, 'y@ch-exemple.fr'])
    for (const action of ['1.a', '1.b', '1.c', '2.a', '2.b', '2.c'])
      same(tasks.filter((one) => one.action === action && one.target === account).length, 1, `${action} of ${account}`);
  same(tasks.filter((one) => one.action === '5').map((one) => one.target), ['PC-1'], 'the workstation');
  const order = [...new Set(tasks.map((one) => one.action))];
  expect(order.indexOf('6.b') < order.indexOf('7.b') && order.indexOf('6.b') > order.indexOf('5'), order.join(' '));
  same((await task('6.b')).raised.question, 'patient_data', 'why it is raised');
  const due = Date.parse((await task('1.a')).due) - Date.now();
  expect(due > 0 && due <= 30 * 60000, `P0 of a crisis is due in ${due / 60000} min`);
});

await test('a task is done with its proof, stays in force until it is lifted, and its gate says what is missing', async () => {
  await patch('1.a', { state: 'done' }, 422);
  const done = await patch('1.a', { state: 'done', proof: 'connexion refusée' });
  same([done.effect, done.review !== null], ['in_force', true], 'in force');
  const refused = await patch('1.a', { effect: 'lifted' }, 422);
  expect(['1.b', '1.c', '2.a', '2.b'].every((one) => refused.error.message.includes(one)), refused.error.message);
  same((await patch('1.a', { effect: 'lifted', reason: 'régulation' })).effect, 'lifted', 'lifted');
  await patch('1.a', { effect: 'lifted', review: '2026-01-01T00:00:00Z', reason: 'x' }, 422);
  await patch('1.b', { due: 'demain' }, 422);
  const mine = await patch('1.b', { due: '2026-12-01T08:00:00+01:00' });
  same([mine.due, mine.due_set], ['2026-12-01T07:00:00Z', true], 'due');
});

await test('a cause that is found opens again what rested on an assumed one', async () => {
  await patch('5', { state: 'not_applicable', reason: 'hameçonnage supposé' }, 200, 'PC-1');
  await patch('7.b', { state: 'done', proof: 'pièce 3', outcomes: ['data-exposed'] }, 422);
  await patch('7.b', { state: 'done', proof: 'pièce 3', outcomes: ['cause-found'] });
  const five = await task('5', 'PC-1');
  same([five.state, five.reopened.action, five.reopened.outcome], ['todo', '7.b', 'cause-found'], 'workstation');
  expect(five.reopened.why.fr.length > 10, 'it says why');
});

await test('capabilities and stages are kept and told', async () => {
  same((await call('GET', `${at}/capabilities`)).map((one) => one.answer), [null, null, null, null], 'not answered');
  const kept = await call('POST', `${at}/capabilities`, { answers: { log_access: 'no' } });
  same(kept.find((one) => one.id === 'log_access').by, 'A. Roche', 'who');
  await call('POST', `${at}/stages/containment`, { open: true });
  await call('POST', `${at}/stages/containment`, { open: true }, 409);
  await call('POST', `${at}/stages/nothing`, { open: true }, 404);
  await call('POST', `${at}/stages/containment`, {}, 422);
  const stages = await call('POST', `${at}/stages/qualification`, { open: true });
  same(stages.filter((one) => one.open).map((one) => one.id), ['qualification', 'containment'], 'open at once');
  same(stages.map((one) => one.does.length), [3, 3, 3, 3, 3], 'who helps');
});

await bench.kill('SIGTERM');
close();
