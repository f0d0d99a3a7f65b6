// What is kept, moved and destroyed: backup and restore, an incident on its way to another workbench, retention with legal hold.
//
//   node tests/integration/keeping_test.mjs build/release/digue
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Workbench, close, expect, program, root, same, sha256, test, vault } from './workbench.mjs';

const digue = resolve(program);
const run = (args, data) => {
  const done = spawnSync(digue, [...args, '--author', 'A. Roche', ...(data ? ['--data', data] : [])], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  let told = null;
  try {
    told = JSON.parse(done.stdout);
  } catch { /* no JSON */ }
  return { code: done.status, out: done.stdout, err: done.stderr, told };
};
/** The same while this process goes on answering. */
const running = (args, data) => new Promise((resolve_) => {
  const child = spawn(digue, [...args, '--author', 'A. Roche', '--data', data], { cwd: root });
  let out = '', err = '';
  child.stdout.on('data', (part) => (out += part));
  child.stderr.on('data', (part) => (err += part));
  child.on('close', (code) => resolve_({ code, out, err, told: out.startsWith('{') ? JSON.parse(out) : null }));
});
const files = (folder) => readdirSync(folder, { recursive: true }).map(String).filter((name) => statSync(join(folder, name)).isFile());
const holding = (folder, word) => files(folder).filter((name) => readFileSync(join(folder, name)).includes(word));
const contentOf = (data, months) => {
  mkdirSync(join(data, 'content'), { recursive: true });
  const text = readFileSync(new URL('../../content/retention.yaml', import.meta.url), 'utf8');
  writeFileSync(join(data, 'content/retention.yaml'), text.replaceAll(/months: \d+/g, `months: ${months}`));
};
/** Every journal verifies, every exhibit is the bytes of its hash. */
async function whole(bench) {
  for (const one of await bench.call('GET', '/incidents')) {
    const audit = await bench.call('GET', `/incidents/${one.id}/journal/verify`);
    same([audit.good, audit.problems], [true, []], `the journal of ${one.reference}`);
    for (const exhibit of await bench.call('GET', `/incidents/${one.id}/exhibits`))
      if (exhibit.state !== 'destroyed') same(sha256(readFileSync(join(bench.data, 'vault', exhibit.sha256.slice(0, 2), exhibit.sha256))), exhibit.sha256, exhibit.name);
  }
}

const data = join(root, 'data');
let bench = await Workbench.start(data);
await bench.signIn();
const first = await bench.newIncident('Boîte du secrétariat');
await bench.upload(first.id, 'mail.log', 'une ligne\n');
await bench.call('POST', `/incidents/${first.id}/accounts`, { account: 'c.moreau@ch-exemple.fr', reason: 'signalée' });
const phrase = join(root, 'phrase');
writeFileSync(phrase, 'quatre mots bien gardés\n');

const backup = join(root, 'backup.tar');
await test('a backup under writes is whole, and restores to a workbench whose proofs hold', async () => {
  let going = true;
  const acknowledged = [];
  const writers = [0, 1, 2].map(async (writer) => {
    for (let i = 0; going; ++i) {
      acknowledged.push(await bench.line(first.id, `écriture ${writer}-${i}`));
      if (i % 5 === 0) await bench.upload(first.id, `part-${writer}-${i}.log`, `octets ${writer} ${i} ${'x'.repeat(200000)}`);
    }
  });
  const wrote = async (count) => {
    while (acknowledged.length < count) await Promise.race([new Promise((resolve_) => setTimeout(resolve_, 20)), Promise.all(writers)]);
  };
  await wrote(20);
  const before = acknowledged.length;
  const made = await running(['backup', backup, '--json'], data);
  await wrote(before + 20);
  going = false;
  await Promise.all(writers);
  same(made.code, 0, made.err);
  same([made.told.file, made.told.sha256, made.told.bytes], [backup, sha256(readFileSync(backup)), statSync(backup).size], 'what was written');
  expect(made.err.includes('pas scellé'), `no warning: ${made.err}`);
  expect(readFileSync(backup).includes('digue-journal-key-1'), 'the keys are in it');
  same(run(['backup', backup], data).code, 2, 'nothing is overwritten');
  same((statSync(backup).mode & 0o777).toString(8), '600', 'for its owner alone');

  const to = join(root, 'restored');
  const done = run(['restore', backup, '--json'], to);
  same(done.code, 0, done.err);
  expect(done.told.lines >= before && done.told.incidents === 1 && done.told.good, done.out);
  const other = await Workbench.start(to);
  await other.signIn();
  await whole(other);
  const lines = await other.journal(first.id);
  for (const one of acknowledged.slice(0, before)) {
    const there = lines.find((line) => line.seq === one.seq);
    same([there?.text, there?.hash], [one.text, one.hash], `line ${one.seq}`);
  }
  same(lines.at(-1).about, 'workbench.restored', 'the journal tells it');
  await other.line(first.id, 'la suite');
  await whole(other);
  await other.kill('SIGTERM');
  same(readdirSync(join(data, 'copies')), [], 'no copy is left');
  await whole(bench);
});

await test('a restore refuses what is not empty, and names the first damaged file', async () => {
  const full = join(root, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), 'x');
  same([run(['restore', backup], full).code, readdirSync(full)], [2, ['mine']], 'not empty');
  same(run(['restore', backup], data).code, 2, 'a directory in use');
  const bytes = readFileSync(backup);
  const at = bytes.indexOf(/octets \d \d+ /.exec(bytes.toString('latin1'))[0]);
  bytes[at + 50] ^= 1;
  const damaged = join(root, 'damaged.tar');
  writeFileSync(damaged, bytes);
  const hurt = run(['restore', damaged], join(root, 'nowhere'));
  same(hurt.code, 4, hurt.out);
  expect(/data\/vault\/[0-9a-f]{64}/.test(hurt.err), hurt.err);
  expect(!existsSync(join(root, 'nowhere')) || readdirSync(join(root, 'nowhere')).length === 0, 'something stands there');
  for (const [name, change] of [['cut', (all) => all.subarray(0, all.length >> 1)], ['log', () => Buffer.from('no archive at all')], ['none', () => Buffer.alloc(0)]]) {
    writeFileSync(damaged, change(readFileSync(backup)));
    same(run(['restore', damaged], join(root, 'nowhere')).code, 4, name);
  }
  // A database changed together with nothing else, a key changed.
  for (const word of ['SQLite format 3', 'digue-journal-key-1 ']) {
    const all = readFileSync(backup);
    all[all.indexOf(word) + word.length + 4] ^= 1;
    writeFileSync(damaged, all);
    const seen = run(['restore', damaged], join(root, 'nowhere'));
    expect(seen.code === 4 && /data\/(cases\.sqlite|journal\.key)/.test(seen.err), `${word}: ${seen.code} ${seen.err}`);
  }
});

await test('a sealed backup opens with its phrase alone; it is made without a server, too', async () => {
  await bench.kill('SIGTERM');
  const sealed = join(root, 'sealed');
  same(run(['backup', sealed, '--passphrase-file', phrase, '--json'], data).code, 0, 'made by the terminal alone');
  expect(!readFileSync(sealed).includes('digue-journal-key-1') && !readFileSync(sealed).includes('octets 0 0'), 'in the clear');
  same(run(['restore', sealed], join(root, 'closed')).code, 4, 'without the phrase');
  const done = run(['restore', sealed, '--passphrase-file', phrase, '--json'], join(root, 'opened'));
  same([done.code, done.told?.good], [0, true], done.err);
  const short = join(root, 'short');
  writeFileSync(short, 'court\n');
  same(run(['backup', join(root, 'never'), '--passphrase-file', short], data).code, 2, 'a phrase that is too short');
  expect(!existsSync(join(root, 'never')) && !existsSync(join(root, 'never.part')), 'leftovers');
  const folder = join(root, 'backups');
  mkdirSync(folder);
  same([run(['backup', folder], data).code, readdirSync(folder).length], [0, 1], 'into a folder');
  bench = await Workbench.start(data);
  await bench.signIn();
});

const archive = join(root, 'incident.tar');
await test('an incident moves to another workbench; its old proofs hold there', async () => {
  const proof = (await bench.request('GET', `/api/v1/incidents/${first.id}/journal/3/proof`)).text;
  const before = await bench.journal(first.id);
  const accounts = (await bench.call('GET', `/incidents/${first.id}`)).accounts;
  const gone = run(['incident', 'export', first.reference, archive, '--to', 'CHU voisin', '--json'], data);
  same(gone.code, 0, gone.err);
  expect((await bench.journal(first.id)).at(-1).text.includes('CHU voisin'), 'the journal tells it');
  same(run(['incident', 'import', archive], data).code, 4, 'it is here already');

  const there = join(root, 'there');
  const other = await Workbench.start(there);
  await other.signIn('B. Morel');
  const own = await other.newIncident('Un autre');
  const taken = run(['incident', 'import', archive, '--json'], there);
  same(taken.code, 0, taken.err);
  same(taken.told[0].id, first.id, 'the same incident');
  same([taken.told[0].reference, taken.told[0].reference_before], ['2026-002', first.reference].map((text, i) => (i === 0 ? text.replace('2026', own.reference.slice(0, 4)) : text)), 'a reference that is free');
  await whole(other);
  const lines = await other.journal(first.id);
  same(lines.slice(0, before.length).map((line) => line.hash), before.map((line) => line.hash), 'every line is as it was');
  expect(lines.at(-1).about === 'incident.moved_here' && lines.at(-1).text.includes(first.reference), JSON.stringify(lines.at(-1)));
  same((await other.call('GET', `/incidents/${first.id}`)).accounts, accounts, 'accounts');
  same((await other.request('GET', `/api/v1/incidents/${first.id}/journal/3/proof`)).text.split('\n').slice(0, 3), proof.split('\n').slice(0, 3), 'the line of an old proof');
  const keys = (await other.call('GET', `/incidents/${first.id}/journal/protection`)).keys;
  same(keys.length, 2, 'the key of here and the one of there');
  const ndjson = join(root, 'moved.ndjson');
  writeFileSync(ndjson, (await other.request('GET', `/api/v1/incidents/${first.id}/journal.ndjson`)).text);
  same(run(['verify', ndjson, '--json']).code, 0, 'a stranger verifies it');
  // And once more, back to a third: keys of two origins.
  const again = join(root, 'again.tar');
  same(run(['incident', 'export', first.id, again, '--to', 'troisième', '--passphrase-file', phrase], there).code, 0, 'sealed');
  const third = join(root, 'third');
  const sealed = run(['incident', 'import', again], third);
  expect(sealed.code === 2 && sealed.err.includes('evidence open'), sealed.err);
  const open = join(root, 'open.tar');
  same(run(['evidence', 'open', again, '--to', open, '--passphrase-file', phrase]).code, 0, 'opened');
  same(run(['incident', 'import', open, '--json'], third).told[0].reference, taken.told[0].reference, 'the reference is free there');
  same(run(['journal', 'verify', first.id, '--json'], third).told.good, true, 'and it verifies');
  await other.kill('SIGTERM');
});

await test('an archive that was changed anywhere changes nothing', async () => {
  const there = join(root, 'wary');
  const other = await Workbench.start(there);
  await other.signIn('B. Morel');
  const folder = join(root, 'bag');
  mkdirSync(folder);
  const sh = (text) => spawnSync('bash', ['-c', text], { cwd: folder, encoding: 'utf8' });
  same(sh(`tar -xf ${archive} && chmod -R u+w .`).status, 0, 'unpacked');
  const inner = readdirSync(folder)[0];
  same(sh(`cd ${inner} && sha256sum -c --quiet --strict manifest-sha256.txt`).status, 0, 'sha256sum alone');
  const cover = `for h in 256 512; do find data -type f -print0 | LC_ALL=C sort -z | xargs -0 sha\${h}sum > manifest-sha$h.txt; done
    printf 'x' > /dev/null; sed -i '/Payload-Oxum/d' bag-info.txt
    for h in 256 512; do sha\${h}sum bagit.txt bag-info.txt manifest-*.txt > tagmanifest-sha$h.txt; done`;
  const vaulted = readdirSync(join(folder, inner, 'data/vault'))[0];
  const cases = [
    // what is changed, whether the manifests are written again
    ['sed -i "s/secrétariat/secretariat/" data/rows/incidents.ndjson', false],
    ['sed -i "0,/écriture 0-1/s//écriture 9-9/" data/rows/journal_bodies.ndjson', true],
    ['sed -i "$ d" data/rows/journal_entries.ndjson', true],
    ['sed -i "$ d" data/rows/journal_checkpoints.ndjson', true],
    ['sed -i "0,/A. Roche/s//A. Poche/" data/rows/custody.ndjson', true],
    [`rm data/vault/${vaulted}`, true],
    [`printf x >> data/vault/${vaulted}`, true],
    ['printf x > data/vault/../more', true],
    ['printf "{}\\n" >> data/rows/tasks.ndjson', true],
    ['printf "{}\\n" > data/rows/people.ndjson', true],
    [`sed -i 's/"id":"${first.id}"/"id":"..\\/..\\/..\\/etc\\/x"/' data/incident.json data/rows/incidents.ndjson`, true],
    ['sed -i \'s/"key":"[^"]*"/"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="/\' data/incident.json', true],
  ];
  for (const [change, covered] of cases) {
    const trial = join(root, 'trial');
    rmSync(trial, { recursive: true, force: true });
    same(spawnSync('cp', ['-r', join(folder, inner), trial]).status, 0, 'copied');
    const made = spawnSync('bash', ['-c', `${change}\n${covered ? cover : ''}\ntar -cf ../trial.tar -C .. trial`], { cwd: trial, encoding: 'utf8' });
    same(made.status, 0, `${change}: ${made.stderr}`);
    const bytes = readFileSync(join(root, 'trial.tar'));
    const answer = await other.request('POST', '/api/v1/incidents/import', { body: bytes });
    expect(answer.status === 422 || answer.status === 409, `${change}: ${answer.status} ${answer.text}`);
    same([(await other.call('GET', '/incidents')).length, vault(other).length, readdirSync(join(there, 'copies')).length], [0, 0, 0], change);
  }
  const good = await other.request('POST', '/api/v1/incidents/import', { body: readFileSync(archive) });
  same(good.status, 201, good.text);
  await whole(other);
  await other.kill('SIGTERM');
});

await test('closing, legal hold and destruction: the words are gone from every file, the proofs hold', async () => {
  await bench.kill('SIGTERM');
  contentOf(data, 0);
  bench = await Workbench.start(data);
  await bench.signIn('D. Dupuis');
  const one = await bench.newIncident('marqueurtitre');
  const base = `/incidents/${one.id}`;
  for (let i = 0; i < 60; ++i) await bench.line(one.id, `marqueurmots ${i} ${'z'.repeat(500)}`, { accounts: ['c.marqueurcompte@ch-exemple.fr'] });
  await bench.upload(one.id, 'mail.log', '2026-03-09T08:00:00.000000+01:00 mx1 dovecot: imap-login: Login: user=<c.marqueurcompte@ch-exemple.fr>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.200, mpid=1, TLS, session=<s1>\n');
  const shared = await bench.upload(one.id, 'shared.log', 'les mêmes octets');
  await bench.upload(first.id, 'shared.log', 'les mêmes octets');
  await bench.call('POST', `${base}/accounts`, { account: 'c.marqueurcompte@ch-exemple.fr', reason: 'marqueurmotif' });
  same(run(['analysis', 'run', one.id], data).code, 0, 'analysed');
  expect(holding(data, 'marqueurmots').length > 0 && holding(data, 'marqueurcompte').length > 1, 'the marks are there');

  await bench.call('POST', `${base}/destruction`, { reference: one.reference, reason: 'trop tôt' }, 409);
  const closed = run(['incident', 'close', one.id, '--type', 'exercise', '--reason', 'terminé', '--json'], data);
  same([closed.code, closed.told?.state], [0, 'due'], closed.err);
  const held = await bench.call('POST', `${base}/holds`, { reason: 'réquisition 12' }, 201);
  same([held.state, held.holds[0].by], ['held', 'D. Dupuis'], 'held');
  await bench.call('POST', `${base}/destruction`, { reference: one.reference, reason: 'échéance' }, 409);
  same((await bench.call('GET', '/retention?due=true')).length, 0, 'what is held is not due');
  await bench.call('POST', `${base}/holds/${held.holds[0].id}/lifting`, { reason: 'classement' });
  same(run(['retention', 'list', '--due', '--json'], data).told.map((row) => row.reference), [one.reference], 'due');
  await bench.call('POST', `${base}/destruction`, { reference: 'x', reason: 'échéance' }, 422);
  const lines = (await bench.journal(one.id)).length;
  const done = run(['incident', 'destroy', one.id, '--reference', one.reference, '--reason', 'durée échue', '--json'], data);
  same([done.code, done.told?.state, done.told?.destruction.lines], [0, 'destroyed', lines], done.err);
  for (const word of ['marqueurmots', 'marqueurtitre', 'marqueurcompte', 'marqueurmotif']) same(holding(data, word), [], word);
  expect(existsSync(join(data, 'vault', shared.sha256.slice(0, 2), shared.sha256)), 'bytes that another incident holds');

  const audit = run(['journal', 'verify', one.id, '--json'], data);
  same([audit.code, audit.told.good, audit.told.destroyed, audit.told.lines], [0, true, lines, lines + 1], 'the journal');
  const exhibits = await bench.call('GET', `${base}/exhibits`);
  same(exhibits.map((exhibit) => [exhibit.state, exhibit.destroyed.by, exhibit.destroyed.reason]), exhibits.map(() => ['destroyed', 'A. Roche', 'durée échue']), 'exhibits');
  for (const [method, path, body] of [['POST', `${base}/journal`, { text: 'encore' }], ['POST', `${base}/accounts`, { account: 'a@b.example' }], ['POST', `${base}/closing`, { type: 'breach', reason: 'x' }], ['POST', `${base}/analyses`, {}]])
    await bench.call(method, path, body, 409);
  await bench.request('POST', `/api/v1${base}/exhibits?name=late`, { body: 'x' }).then((answer) => same(answer.status, 409, answer.text));

  // A package says it, and a stranger finds it neither missing nor damaged.
  const job = await bench.call('POST', `${base}/packages`, { recipient: 'Archives', purpose: 'preuve' }, 202);
  let state = job;
  while (!state.ended) {
    await new Promise((resolve_) => setTimeout(resolve_, 50));
    state = (await bench.call('GET', `${base}/jobs`)).find((other) => other.id === job.id);
  }
  same(state.state, 'done', state.error);
  const made = (await bench.call('GET', `${base}/packages`)).at(-1);
  const zip = join(root, 'destroyed.zip');
  const bytes = await fetch(`http://127.0.0.1:${bench.port}/api/v1${base}/packages/${made.id}/file`, { headers: { Cookie: bench.cookie } });
  writeFileSync(zip, Buffer.from(await bytes.arrayBuffer()));
  const seen = run(['verify', zip, '--json']);
  same([seen.code, seen.told.destroyed, seen.told.exhibits, seen.told.left_out], [0, 2, 0, 0], JSON.stringify(seen.told?.problems));
  same(seen.told.journal.destroyed, lines, 'the package tells how many lines');
  expect(seen.told.warnings.some((warning) => warning.kind === 'exhibit.destroyed' && warning.message.includes('durée échue')), JSON.stringify(seen.told.warnings));

  // Backup and move of a destroyed incident: still provable.
  const last = join(root, 'last.tar');
  same(run(['backup', last], data).code, 0, 'backed up');
  const restored = run(['restore', last, '--json'], join(root, 'last'));
  same([restored.code, restored.told?.problems], [0, []], restored.err);
  const moved = join(root, 'moved.tar');
  same(run(['incident', 'export', one.id, moved, '--to', 'archives'], data).code, 0, 'exported');
  const fresh = join(root, 'fresh');
  same(run(['incident', 'import', moved], fresh).code, 0, 'taken in');
  same(run(['journal', 'verify', one.id, '--json'], fresh).told.destroyed, lines, 'its tombstones');
  await whole(bench);
});

await bench.kill('SIGTERM');
close();
