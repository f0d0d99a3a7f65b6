// The commands of the terminal: through the socket of a running workbench, and on the data directory itself when none runs.
//
//   node tests/integration/cli_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Workbench, close, expect, program, root, same, sha256, test } from './workbench.mjs';

const data = join(root, 'data');
const author = 'Zoé O’Brien';

function digue(...words) {
  const done = spawnSync(program, [...words, '--data', data, '--author', author], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}
function json(...words) {
  const done = digue(...words, '--json');
  same(done.code, 0, `${words.join(' ')}: ${done.err}`);
  same(done.out.trimEnd().split('\n').length, 1, 'one object on standard output');
  return JSON.parse(done.out);
}

/** What holds with and without a running workbench. */
async function work(way) {
  const log = join(root, `${way}.log`);
  const lines = Array.from({ length: 40 }, (_, i) => `2026-03-09T08:${String(i).padStart(2, '0')}:00.000000+01:00 mx1 dovecot: imap-login: Login: ` +
    `user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.${i % 3}, lip=192.0.2.200, mpid=${i + 100}, TLS, session=<s${i}>`).join('\n') + '\n';
  writeFileSync(log, lines);
  const created = json('incident', 'new', '--title', `Boîte compromise, ${way}`, '--confirmed');
  expect(json('incident', 'list').some((one) => one.id === created.id && one.confirmed), 'the incident is listed');
  same(json('incident', 'show', created.reference).id, created.id, 'named by its reference');
  const line = json('journal', 'add', created.id, '--text', 'Appel du standard', '--kind', 'call', '--machines', 'pc-12', '--machines', 'pc-13');
  same([line.author, line.kind, line.machines], [author, 'call', ['pc-12', 'pc-13']], 'the line');
  const [exhibit] = json('evidence', 'add', created.reference, log);
  same([exhibit.sha256, exhibit.by], [sha256(lines), author], 'the exhibit');
  same(json('analysis', 'run', created.reference).state, 'done', 'the analysis');
  same(json('story', 'show', created.reference).analysis.schema, 'digue.analysis/1', 'the story');
  expect(digue('story', 'export', created.reference, 'csv').out.startsWith('time,account,'), 'an export is no JSON');
  const [task] = json('task', 'list', created.reference);
  same(json('task', 'set', created.reference, task.id, '--state', 'in_progress', '--owner', 'A. Roche').owner, 'A. Roche', 'the task');
  const told = json('journal', 'list', created.reference, '--limit', '500').entries;
  expect(told.every((one) => one.author === author), 'every line has its author');
  expect(told.some((one) => one.about === 'task.changed'), 'a command writes its line');
  const table = digue('task', 'list', created.reference).out.split('\n');
  expect(table[0].startsWith('id ') && table.length > 20, table[0]);
  const refused = digue('task', 'set', created.reference, task.id, '--state', 'moon');
  same([refused.code, refused.out], [2, ''], 'a wrong value');
  expect(/^digue: .*\(state\)/.test(refused.err), refused.err);
  const absent = digue('incident', 'show', '1999-001');
  same([absent.code, absent.out], [4, ''], 'no such incident');
  same(digue('incident', 'new').code, 2, 'without its title');
  same(digue('evidence', 'add', created.reference, join(root, 'absent')).code, 4, 'a file that is not there');
  return created.id;
}

let alone = '';
await test('commands work on the data directory when no workbench runs', async () => {
  alone = await work('alone');
  expect(!existsSync(join(data, 'socket')), 'nothing listens');
});

await test('commands reach the running workbench, as its page does', async () => {
  const bench = await Workbench.start(data);
  same((statSync(join(data, 'socket')).mode & 0o777).toString(8), '600', 'the socket is its owner’s alone');
  await bench.signIn('A. Roche');
  const id = await work('served');
  const seen = await bench.call('GET', '/incidents');
  same(seen.map((one) => one.id).sort(), [alone, id].sort(), 'both incidents');
  expect((await bench.journal(id)).some((line) => line.author === author), 'the page reads the command’s lines');
  const spoofed = await bench.request('GET', '/api/v1/incidents', { signed: false, headers: { 'X-Digue-Author': 'root' } });
  same(spoofed.status, 401, 'a name in a header opens nothing through the network');
  await bench.kill('SIGTERM');
});

await test('a socket left by a killed workbench hinders nobody', async () => {
  const bench = await Workbench.start(data);
  await bench.kill('SIGKILL');
  expect(existsSync(join(data, 'socket')), 'the socket is still there');
  same(json('incident', 'list').length, 2, 'on the directory itself');
  const again = await Workbench.start(data);
  same(json('incident', 'list').length, 2, 'through the new socket');
  await again.kill('SIGTERM');
});

await test('content is edited in the data directory; when it is broken, the program’s own stays and it is said', async () => {
  const folder = join(data, 'content/playbook');
  mkdirSync(folder, { recursive: true });
  const shipped = readFileSync(new URL('../../content/playbook/m1.yaml', import.meta.url), 'utf8');
  writeFileSync(join(folder, 'm1.yaml'), shipped.replace('Tant que le compte est ouvert, l’intrus lit', 'Appelez d’abord le poste 1515 : l’intrus lit'));
  const why = () => json('playbook', 'show').measures.find((one) => one.id === '1').actions[0].why.fr;
  expect(why().startsWith('Appelez d’abord le poste 1515'), why());
  writeFileSync(join(folder, 'm1.yaml'), 'measure: "1"\n  title: cassé\n');
  const bench = await Workbench.start(data);
  await bench.signIn('A. Roche');
  const { content_problem: problem } = await bench.call('GET', '/session');
  expect(/content\/playbook\/m1\.yaml:2/.test(problem), problem);
  expect(why().startsWith('Tant que le compte est ouvert'), why());
  expect(bench.output.includes('m1.yaml:2'), bench.output);
  await bench.kill('SIGTERM');
});

close();
