// The evidence package, checked by `sha256sum` and `digue verify` away from the data directory.
//
//   node tests/integration/package_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Workbench, close, expect, program, root, same, test } from './workbench.mjs';

const digue = resolve(program);
const bench = await Workbench.start(join(root, 'data'));
await bench.signIn('A. Roche');
const { id } = await bench.newIncident();
const base = `/incidents/${id}`;
const run = (command, args, cwd = root) => spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, HOME: root, XDG_DATA_HOME: '' } });
const verify = (path, ...more) => {
  const done = run(digue, ['verify', path, '--json', ...more]);
  return { code: done.status, err: done.stderr, told: done.stdout ? JSON.parse(done.stdout) : null };
};
const ended = async (started) => {
  for (;;) {
    const one = (await bench.call('GET', `${base}/jobs`)).find((other) => other.id === started.id);
    if (one.ended) return one;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
async function made(order) {
  const job = await ended(await bench.call('POST', `${base}/packages`, { recipient: 'Parquet', purpose: 'enquête', ...order }, 202));
  same([job.state, job.error], ['done', null], 'the job');
  return (await bench.call('GET', `${base}/packages`)).at(-1);
}
async function fetched(one) {
  const file = join(root, one.name);
  const answer = await fetch(`http://127.0.0.1:${bench.port}/api/v1${base}/packages/${one.id}/file`, { headers: { Cookie: bench.cookie } });
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  same(statSync(file).size, one.bytes, 'all bytes came');
  return file;
}
const unpacked = (file, name) => {
  const folder = join(root, name);
  mkdirSync(folder);
  const done = run('python3', ['-c', 'import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2], sys.argv[3])', file, folder, file.endsWith('.zip') ? 'zip' : 'tar']);
  same(done.status, 0, done.stderr);
  return join(folder, readdirSync(folder)[0]);
};

const facts = 'source=srv-mail-01&authority=RSSI&tool=doveadm';
const line = (i) => `2026-03-09T08:${String(i).padStart(2, '0')}:00.000000+01:00 mx1 dovecot: imap-login: Login: user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.${i % 3}, lip=192.0.2.200, mpid=${i}, TLS, session=<s${i}>\n`;
const upload = (name, bytes) => bench.request('POST', `/api/v1${base}/exhibits?name=${encodeURIComponent(name)}&${facts}`, { body: bytes });
await upload('mail.log', Array.from({ length: 40 }, (_, i) => line(i)).join(''));
await upload('../../etc/CON', 'abc');
await upload('A/b%0A\u202e.txt', '');
await upload('a/B%0A\u202e.txt', '');
await bench.line(id, 'Appel du standard');
same((await ended(await bench.call('POST', `${base}/analyses`, undefined, 202))).state, 'done', 'analysis');

let folder = '';
await test('a ZIP package is good to digue verify, and to sha256sum alone', async () => {
  const one = await made({ tlp: 'red' });
  same([one.format, one.sealed, one.tlp, one.recipient], ['zip', null, 'red', 'Parquet'], 'the package');
  const file = await fetched(one);
  const seen = verify(file);
  same([seen.code, seen.told?.problems], [0, []], `the archive: ${seen.err}`);
  same([seen.told.exhibits, seen.told.left_out, seen.told.info['TLP-Level']], [4, 0, 'TLP:RED'], 'what it holds');
  expect(seen.told.lines > 5 && seen.told.journal.good === true, JSON.stringify(seen.told.journal));
  folder = unpacked(file, 'zip');
  const sums = run('sha256sum', ['--quiet', '--strict', '-c', 'manifest-sha256.txt'], folder);
  same([sums.status, sums.stdout + sums.stderr], [0, ''], 'sha256sum');
  same(run('sha512sum', ['--quiet', '--strict', '-c', 'tagmanifest-sha512.txt'], folder).status, 0, 'tag files');
  same(verify(folder).code, 0, 'the folder');
  same(verify(join(root, 'zip')).code, 0, 'the folder around it');
  const names = readFileSync(join(folder, 'manifest-sha256.txt'), 'utf8').trim().split('\n').map((text) => text.slice(66));
  expect(names.every((name) => /^data\/[A-Za-z0-9._/-]+$/.test(name) && !name.includes('..')), names.join('\n'));
  const events = await bench.call('GET', `${base}/custody`);
  same(events.filter((event) => event.what === 'exported' && event.purpose === 'enquête').length, 4, 'an event for each exhibit');
  const html = readFileSync(join(folder, 'data/index.html'), 'utf8');
  expect(html.includes('TLP:RED') && html.includes('sha256sum') && html.includes('lang="en"') && !/(?:src|href)=/.test(html), 'the index');
});

const trial = join(root, 'trial');
/** As who alters a file and writes the manifests again. */
const cover = () => run('bash', ['-c', `for h in 256 512; do find data -type f -print0 | LC_ALL=C sort -z | xargs -0 sha\${h}sum > manifest-sha$h.txt; done
  for h in 256 512; do sha\${h}sum bagit.txt bag-info.txt manifest-*.txt > tagmanifest-sha$h.txt; done`], trial);
const fresh = () => {
  rmSync(trial, { recursive: true, force: true });
  cpSync(folder, trial, { recursive: true });
  run('chmod', ['-R', 'u+w', trial]);
};
await test('one changed byte of any kind is found and named', async () => {
  const flip = (name, seek) => {
    const file = join(trial, name);
    const bytes = readFileSync(file);
    const at = seek ? bytes.indexOf(seek) + Math.floor(seek.length / 2) : Math.floor(bytes.length / 2);
    expect(at > 0, `${name}: ${seek}`);
    bytes[at] ^= 1;
    writeFileSync(file, bytes);
  };
  const log = readFileSync(join(folder, 'manifest-sha256.txt'), 'utf8').split('\n').map((text) => text.slice(66)).find((name) => name.endsWith('/mail.log'));
  const journal = 'data/journal/journal.ndjson';
  const cases = [
    // file, a text in it, whether the manifests are written again, what must be named
    [log, null, false, (p) => p.file === log && p.kind === 'altered'],
    [log, 'imap-login', true, (p) => p.file === log && p.kind === 'exhibit.altered'],
    ['manifest-sha256.txt', null, false, (p) => p.file.includes('manifest-sha256.txt') || p.about || p.kind === 'altered'],
    ['tagmanifest-sha512.txt', null, false, () => true],
    ['bag-info.txt', 'Parquet', false, (p) => p.file === 'bag-info.txt'],
    ['bagit.txt', 'BagIt-Version', true, (p) => p.file === 'bagit.txt'],
    ['data/index.html', null, false, (p) => p.file === 'data/index.html'],
    [journal, 'Appel du standard', true, (p) => p.file === journal && p.line > 1],
    [journal, '"recorded"', true, (p) => p.file === journal],
    [journal, '"salt"', true, (p) => p.file === journal],
    [journal, '"checkpoint"', true, (p) => p.file === journal],
    ['data/custody.ndjson', 'Parquet', true, (p) => p.file === 'data/custody.ndjson' && p.line > 1],
    ['data/custody.ndjson', '"hash"', true, (p) => p.file === 'data/custody.ndjson'],
    ['data/exhibits.ndjson', 'srv-mail-01', true, (p) => p.file === 'data/exhibits.ndjson'],
    ['data/exhibits.ndjson', '"sha256"', true, (p) => p.file === 'data/exhibits.ndjson'],
  ];
  for (const [name, seek, covered, named] of cases) {
    fresh();
    flip(name, seek);
    if (covered) same(cover().status, 0, 'manifests');
    const seen = verify(trial);
    same(seen.code, 1, `${name} ${seek} ${covered}: ${seen.err}`);
    expect(seen.told.problems.some(named), `${name} ${seek} ${covered}: ${JSON.stringify(seen.told.problems).slice(0, 600)}`);
  }
  // The last custody events cut off, a file more, a file less.
  for (const change of ['sed -i "$ d" data/custody.ndjson', 'echo x > data/more', 'rm data/index.html', `rm "${log}"`]) {
    fresh();
    run('bash', ['-c', change], trial);
    if (change.startsWith('sed')) cover();
    same(verify(trial).code, 1, change);
  }
  const text = run(digue, ['verify', trial]);
  expect(text.status === 1 && text.stdout.includes(log), text.stdout);
});

await test('who writes everything again but cannot sign is found out', async () => {
  const journal = 'data/journal/journal.ndjson';
  const rows = (name) => readFileSync(join(trial, name), 'utf8').trimEnd().split('\n');
  const write = (name, lines) => writeFileSync(join(trial, name), `${lines.join('\n')}\n`);
  const canonical = (value) => (Array.isArray(value) ? `[${value.map(canonical).join(',')}]` : value !== null && typeof value === 'object'
    ? `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}` : JSON.stringify(value));
  /** Changes an event and chains the rest again. */
  const forge = (change) => {
    let previous = '';
    write('data/custody.ndjson', rows('data/custody.ndjson').map((text) => {
      const event = JSON.parse(text);
      change(event);
      const { hash, ...told } = event;
      event.hash = createHash('sha256').update(canonical({ ...told, incident: id, previous })).digest('hex');
      previous = event.hash;
      return canonical(event);
    }));
    const info = readFileSync(join(trial, 'bag-info.txt'), 'utf8').replace(/Custody-Head: .*/, `Custody-Head: ${previous}`);
    writeFileSync(join(trial, 'bag-info.txt'), info);
  };
  const exhibits = (change) => write('data/exhibits.ndjson', rows('data/exhibits.ndjson').map((text) => {
    const one = JSON.parse(text);
    if (one.name === 'mail.log') change(one);
    return canonical(one);
  }));
  const relink = (change) => write(journal, rows(journal).map((text, at) => {
    const line = JSON.parse(text);
    return at > 0 && line.body?.links.some((link) => link.kind === 'custody') ? JSON.stringify(change(line)) : text;
  }));
  fresh();
  forge(() => {});
  cover();
  same(verify(trial).code, 0, 'chained again without a change: the forger of this test computes as the workbench does');
  const tricks = [
    ['all checkpoints gone', 'journal.unsigned', () => write(journal, rows(journal).filter((text) => !text.startsWith('{"checkpoint"')))],
    ['the last checkpoint gone', 'journal.unsigned', () => write(journal, rows(journal).filter((text, at, all) => at !== all.length - 1))],
    ['another code in bag-info.txt', 'info.differs', () => {
      const info = readFileSync(join(trial, 'bag-info.txt'), 'utf8').replace(/Journal-Checkpoint: ..../, 'Journal-Checkpoint: AAAA');
      writeFileSync(join(trial, 'bag-info.txt'), info);
    }],
    ['custody written again', 'custody.journal', () => forge((event) => { if (event.what === 'exported') event.recipient = 'Personne'; })],
    ['custody written again, its links hidden behind a member', 'custody.journal', () => {
      forge((event) => { if (event.what === 'exported') event.recipient = 'Personne'; });
      relink((line) => ({ ...line, checkpoint: null }));
    }],
    ['custody written again, its links hidden in a text', 'custody.journal', () => {
      forge((event) => { if (event.what === 'exported') event.recipient = 'Personne'; });
      relink((line) => ({ ...line, body: canonical(line.body) }));
    }],
    ['one more record of acquisition', 'record.altered', () => exhibits((one) => one.acquisition.push({ ...one.acquisition[0], record: { ...one.acquisition[0].record, source: 'ailleurs' } }))],
    ['the bytes of an exhibit taken out', 'exhibit.missing', () => {
      exhibits((one) => {
        rmSync(join(trial, one.file));
        one.file = '';
      });
      writeFileSync(join(trial, 'bag-info.txt'), readFileSync(join(trial, 'bag-info.txt'), 'utf8').replace(/Payload-Oxum: .*\n/, ''));
    }],
  ];
  for (const [what, kind, trick] of tricks) {
    fresh();
    trick();
    same(cover().status, 0, 'manifests');
    const seen = verify(trial);
    same(seen.code, 1, `${what}: ${JSON.stringify(seen.told)?.slice(0, 400)}`);
    expect(seen.told.problems.some((problem) => problem.kind === kind), `${what}: ${JSON.stringify(seen.told.problems).slice(0, 600)}`);
  }
  fresh();
  const tar = join(root, 'linked.tar');
  same(run('tar', ['-cf', tar, 'trial'], root).status, 0, 'tar');
  same(verify(tar).code, 0, 'as a tar');
  run('bash', ['-c', 'rm data/index.html && ln -s /etc/hostname data/index.html'], trial);
  same(run('tar', ['-rf', tar, 'trial/data/index.html'], root).status, 0, 'a link over a file');
  same(verify(tar).code, 4, 'what is unpacked would be another file');
});

await test('a sealed package opens for its recipient alone', async () => {
  const phrase = join(root, 'phrase');
  writeFileSync(phrase, 'quatre mots bien gardés\n');
  const one = await made({ passphrase: 'quatre mots bien gardés' });
  same([one.format, one.sealed], ['tar', 'passphrase'], 'a sealed tar');
  const file = await fetched(one);
  same([verify(file, '--passphrase-file', phrase).code, verify(file).code], [0, 4], 'with and without the phrase');
  const key = join(root, 'key');
  const made_key = run(digue, ['evidence', 'key', key]);
  same(made_key.status, 0, made_key.stderr);
  same((statSync(key).mode & 0o777).toString(8), '600', 'the secret key is its owner’s alone');
  const sealed = await fetched(await made({ public_key: made_key.stdout.trim() }));
  same([verify(sealed, '--key', key).code, verify(sealed, '--passphrase-file', phrase).code], [0, 4], 'with the key alone');
  const opened = join(root, 'opened.tar');
  same(run(digue, ['evidence', 'open', sealed, '--to', opened, '--key', key]).status, 0, 'opened');
  same(verify(opened).code, 0, 'what was inside');
  same(verify(unpacked(opened, 'tar')).code, 0, 'and unpacked');
  const bytes = readFileSync(sealed);
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  writeFileSync(sealed, bytes);
  same(verify(sealed, '--key', key).code, 4, 'an altered one is not read');
});

await test('orders that cannot be are refused; a removed package leaves its record', async () => {
  for (const order of [{ recipient: '' }, { purpose: ' ' }, { tlp: 'blue' }, { passphrase: 'court' }, { public_key: 'digue-public-1:12' }, { format: 'rar' }])
    await bench.call('POST', `${base}/packages`, { recipient: 'a', purpose: 'b', ...order }, 422);
  await bench.call('POST', `${base}/packages`, { recipient: 'a', purpose: 'b', exhibits: ['absent'] }, 404);
  const exhibits = await bench.call('GET', `${base}/exhibits`);
  const one = await made({ exhibits: [exhibits[1].id], format: 'tar' });
  same([verify(await fetched(one)).told.exhibits, verify(join(root, one.name)).told.left_out], [1, 3], 'a part of the exhibits');
  await bench.call('DELETE', `${base}/packages/${one.id}`, undefined, 204);
  await bench.call('GET', `${base}/packages/${one.id}/file`, undefined, 404);
  same((await bench.call('GET', `${base}/packages`)).at(-1).kept, false, 'the record');
  same(verify(join(root, 'absent')).code, 4, 'no such package');
});

await bench.kill('SIGTERM');
close();
