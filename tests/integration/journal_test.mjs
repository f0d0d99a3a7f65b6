// The main courante as a stranger verifies it: exported by the program, read again here from RFC 6962, the C2SP texts and
// docs/journal-format.md alone (Ed25519 and SHA-256 of Node), then damaged on the disk and named.
//
//   node tests/integration/journal_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { close, expect, program, root, same, test } from './workbench.mjs';

const data = join(root, 'data');
function digue(...words) {
  const done = spawnSync(program, [...words, '--data', data, '--author', 'A. Roche'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}
function json(...words) {
  const done = digue(...words, '--json');
  same(done.code, 0, `${words.join(' ')}: ${done.err}`);
  return JSON.parse(done.out);
}
/** What somebody with the database in hand does. */
function sql(statement) {
  const done = spawnSync('python3', ['-c', `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall(): base.execute('DROP TRIGGER ' + name)
base.create_function('fold', 1, lambda text: text)
base.execute(sys.argv[2])
base.commit()
`, join(data, 'cases.sqlite'), statement], { encoding: 'utf8' });
  same(done.status, 0, done.stderr);
}

const hash = (...parts) => {
  const all = createHash('sha256');
  for (const part of parts) all.update(part);
  return all.digest();
};
const ZERO = Buffer.from([0]);
const ONE = Buffer.from([1]);
/** JCS of what a journal holds: objects with sorted members, texts, whole numbers, null. */
const canonical = (value) => (Array.isArray(value) ? `[${value.map(canonical).join(',')}]`
  : value !== null && typeof value === 'object'
    ? `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}` : JSON.stringify(value));
function tree(leaves) {
  if (leaves.length === 1) return leaves[0];
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return hash(ONE, tree(leaves.slice(0, left)), tree(leaves.slice(left)));
}
/** Text and size of a checkpoint whose signature holds. */
function opened(note, keys) {
  const [text, signatures] = note.split('\n\n');
  const [, name, signature] = /^— (\S+) (\S+)\n$/.exec(signatures);
  const bytes = Buffer.from(signature, 'base64');
  const key = keys.find((one) => one.name === name && one.id.equals(bytes.subarray(0, 4)));
  expect(key && verify(null, Buffer.from(`${text}\n`), key.key, bytes.subarray(4)), 'the signature of a checkpoint');
  const [origin, size, hashText] = text.split('\n');
  return { origin, size: Number(size), root: hashText, text: `${text}\n` };
}
function keyOf(text) {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const bytes = Buffer.from(encoded, 'base64');
  same(bytes[0], 1, 'Ed25519');
  same(hash(`${name}\n`, bytes).subarray(0, 4).toString('hex'), id, 'the id of a key');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)]);
  return { name, id: Buffer.from(id, 'hex'), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}
function leafOf(line) {
  if (line.body !== null) same(hash(Buffer.from(line.salt, 'hex'), canonical(line.body)).toString('hex'), line.body_hash, 'the words of a line');
  return hash(ZERO, canonical({ body_hash: line.body_hash, header: line.header }));
}

let incident = '';
let exported = '';
await test('what is exported verifies from the specifications alone', () => {
  const created = json('incident', 'new', '--title', 'Boîte compromise');
  incident = created.id;
  for (let i = 1; i <= 12; i += 1) json('journal', 'add', incident, '--text', `Ligne ${i} : « été » "quotes" \\ \u{1f5dd}`, '--accounts', 'c.moreau@ch-exemple.example');
  exported = digue('journal', 'export', incident).out;
  const [head, ...lines] = exported.trimEnd().split('\n').map((line) => JSON.parse(line));
  same([head.v, head.incident], ['digue.journal-export/1', incident], 'the head');
  const keys = head.keys.map(keyOf);
  const leaves = [];
  let checkpoints = 0;
  for (const line of lines) {
    if (line.checkpoint === undefined) {
      const leaf = leafOf(line);
      same(leaf.toString('hex'), line.leaf, `leaf ${leaves.length + 1}`);
      same(line.header.seq, leaves.length + 1, 'its number');
      leaves.push(leaf);
    } else {
      const checkpoint = opened(line.checkpoint, keys);
      same([checkpoint.origin, checkpoint.size], [`digue/journal/${incident}`, leaves.length], 'a checkpoint');
      same(checkpoint.root, tree(leaves).toString('base64'), 'its root');
      checkpoints += 1;
    }
  }
  expect(checkpoints >= 12 && leaves.length >= 14, `${checkpoints} checkpoints, ${leaves.length} lines`);
});

await test('the code for paper is the hash of the checkpoint, and finds its lines again', () => {
  const before = json('journal', 'protection', incident);
  const digest = hash(before.signed.note.split('\n\n')[0] + '\n');
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('').slice(0, 100);
  const code = bits.match(/.{5}/g).map((five) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[parseInt(five, 2)]).join('').match(/.{4}/g).join('-');
  same(before.signed.code, code, 'the code');
  json('journal', 'keep', incident, '--size', String(before.signed.size), '--how', 'paper', '--detail', 'cahier');
  json('journal', 'add', incident, '--text', 'Une ligne de plus');
  const found = json('journal', 'verify', incident, '--code', code.toLowerCase().replaceAll('-', ' '));
  same([found.good, found.code_size], [true, before.signed.size], 'found again');
});

await test('the proof of one line stands alone', () => {
  const text = digue('journal', 'proof', incident, '5').out;
  const [start, extra, index, ...rest] = text.split('\n');
  same([start, index], ['c2sp.org/tlog-proof@v1', 'index 4'], 'its first lines');
  const line = JSON.parse(Buffer.from(extra.slice('extra '.length), 'base64').toString());
  const keys = JSON.parse(exported.split('\n')[0]).keys.map(keyOf);
  const end = rest.indexOf('');
  const checkpoint = opened(rest.slice(end + 1).join('\n'), keys);
  // RFC 6962 section 2.1.1, from the leaf up.
  let [node, last, at] = [4, checkpoint.size - 1, leafOf(line)];
  for (const step of rest.slice(0, end).map((one) => Buffer.from(one, 'base64'))) {
    if (node % 2 === 1 || node === last) {
      at = hash(ONE, step, at);
      while (node % 2 === 0 && node !== 0) [node, last] = [node >> 1, last >> 1];
    } else at = hash(ONE, at, step);
    [node, last] = [node >> 1, last >> 1];
  }
  same(at.toString('base64'), checkpoint.root, 'the root');
});

/** A time stamping authority of one's own: key, certificate with the purpose that RFC 3161 demands, serial numbers. */
function authority(name) {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'tsa.cnf'), `[req]\ndistinguished_name = dn\nx509_extensions = tsa\nprompt = no\n[dn]\nCN = ${name}\n[tsa]\n` +
    'extendedKeyUsage = critical,timeStamping\nbasicConstraints = CA:TRUE\n[one]\nserial = serial\nsigner_digest = sha256\n' +
    'default_policy = 1.2.3.4\ndigests = sha256\nordering = no\ntsa_name = yes\ness_cert_id_chain = no\n');
  writeFileSync(join(folder, 'serial'), '01\n');
  const openssl = (...words) => {
    const done = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
    same(done.status, 0, done.stderr);
  };
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-config', 'tsa.cnf');
  return {
    certificate: join(folder, 'cert.pem'),
    stamp: (query, answer) => openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'one', '-queryfile', query, '-signer', 'cert.pem', '-inkey', 'key.pem', '-out', answer),
  };
}

await test('a time stamp of an authority is verified before it is kept', () => {
  const ours = authority('Autorité');
  const other = authority('Autre');
  const [query, answer] = [join(root, 'q.tsq'), join(root, 'a.tsr')];
  const { size } = json('journal', 'protection', incident).signed;
  writeFileSync(query, spawnSync(program, ['journal', 'timestamp-request', incident, '--data', data]).stdout);
  ours.stamp(query, answer);
  const stamp = (lines, certificate) => digue('journal', 'timestamp', incident, '--size', String(lines), '--response', answer, '--authorities', certificate, '--json');
  same(stamp(size, other.certificate).code, 2, 'an authority that is not trusted');
  same(stamp(size - 1, ours.certificate).code, 2, 'another checkpoint');
  const good = readFileSync(answer);
  const broken = Buffer.from(good);
  broken[broken.length - 20] ^= 1;
  writeFileSync(answer, broken);
  same(stamp(size, ours.certificate).code, 2, 'one changed byte');
  writeFileSync(answer, good);
  const done = stamp(size, ours.certificate);
  same(done.code, 0, done.err);
  const copy = JSON.parse(done.out).copies.at(-1);
  same([copy.how, copy.size], ['timestamp', size], 'the copy');
  expect(/^\d{4}-\d\d-\d\dT.*CN=Autorit/.test(copy.detail), copy.detail);
});

await test('the printed main courante carries its proof, and the numbers of what it shows', () => {
  const paper = join(root, 'journal.pdf');
  const made = spawnSync(program, ['journal', 'paper', incident, 'pdf', '--lang', 'fr', '--data', data], { maxBuffer: 1 << 26 });
  same(made.status, 0, String(made.stderr));
  writeFileSync(paper, made.stdout);
  const { code, size } = json('journal', 'protection', incident).signed;
  const words = spawnSync('pdftotext', ['-layout', paper, '-'], { encoding: 'utf8' }).stdout;
  for (const wanted of [code, 'Ligne 3 : « été »', `1 à ${size}`, 'digue verify']) expect(words.includes(wanted), `no “${wanted}” on paper`);
  const inside = join(root, 'inside.ndjson');
  same(spawnSync('pdfdetach', ['-save', '1', '-o', inside, paper]).status, 0, 'the attached export');
  same(digue('verify', inside).code, 0, 'what is attached verifies');
  writeFileSync(inside, readFileSync(inside, 'utf8').replace('Ligne 3', 'Ligne 4'));
  const bad = digue('verify', inside, '--json');
  same(bad.code, 1, 'one changed word');
  const [problem] = JSON.parse(bad.out).problems;
  expect(problem.kind === 'journal.line.body' && problem.line === readFileSync(inside, 'utf8').split('\n').findIndex((line) => line.includes('"seq":5')) + 1, bad.out);
});

await test('a filtered extract says so; as a table it opens in any spreadsheet; an empty sheet waits', () => {
  const html = digue('journal', 'paper', incident, 'html', '--q', 'ete 3', '--lang', 'fr').out;
  expect(html.includes('Extrait') && html.includes('Ligne 3 :') && !html.includes('Ligne 4 :'), 'the extract');
  json('journal', 'add', incident, '--text', '=2+5 "<b>"');
  const csv = digue('journal', 'paper', incident, 'csv').out;
  expect(csv.startsWith('\ufeff"seq",') && csv.includes('"\'=2+5 ""<b>"""'), csv.slice(-400));
  expect(digue('journal', 'paper', incident, 'html').out.includes('=2+5 &quot;&lt;b&gt;&quot;'), 'encoded');
  const sheet = digue('journal', 'sheet', 'html', '--lang', 'fr').out;
  expect(sheet.includes('Nature') && (sheet.match(/<tr>/g) ?? []).length > 12, 'rows to write on');
});

await test('the log of a laptop that was disconnected is taken in, provable by itself; what was written again is not', () => {
  const laptop = join(root, 'laptop');
  const there = (...words) => spawnSync(program, [...words, '--data', laptop, '--author', 'B. Lenoir'], { encoding: 'utf8' });
  const asked = (...words) => JSON.parse(there(...words, '--json').stdout);
  const own = asked('incident', 'new', '--title', 'Nuit sans réseau').id;
  asked('journal', 'add', own, '--text', 'Poste isolé');
  const { code } = asked('journal', 'protection', own).signed;
  asked('journal', 'add', own, '--text', 'Standard prévenu');
  const file = join(root, 'portable.ndjson');
  const take = (...words) => digue('journal', 'join', incident, file, '--machine', 'Portable 2', ...words, '--json');
  const save = () => writeFileSync(file, there('journal', 'export', own).stdout);
  save();
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('Poste isolé', 'Poste allumé'));
  const altered = take();
  expect(altered.code !== 0 && /ligne 3/i.test(altered.err), `altered: ${altered.err}`);
  writeFileSync(file, good);
  expect(take('--code', 'AAAA-AAAA-AAAA-AAAA-AAAA').code !== 0, 'the code of other lines');
  const before = json('journal', 'protection', incident).size;
  const [joined] = JSON.parse(take('--code', code).out);
  same([joined.good, joined.lines, joined.code_size, joined.origin], [true, 4, 3, `digue/journal/${own}`], 'taken in');
  same(json('journal', 'protection', incident).size, before + 1, 'told in ours by one line; ours is not mixed with it');
  expect(take().code !== 0, 'nothing new');
  cpSync(laptop, join(root, 'fork'), { recursive: true });
  asked('journal', 'add', own, '--text', 'Compte bloqué');
  save();
  same(JSON.parse(take().out)[0].lines, 5, 'more of the same log');
  const [log, ...others] = json('journal', 'logs', incident);
  same([log.lines, log.entries.at(-1).text, others.length], [5, 'Compte bloqué', 0], 'the newest state');
  const fork = spawnSync(program, ['journal', 'add', own, '--text', 'Autre suite', '--data', join(root, 'fork'), '--author', 'B. Lenoir']);
  same(fork.status, 0, String(fork.stderr));
  writeFileSync(file, spawnSync(program, ['journal', 'export', own, '--data', join(root, 'fork')]).stdout);
  const forked = take();
  expect(forked.code !== 0 && /ligne 5/i.test(forked.err), `a fork: ${forked.err}`);
  writeFileSync(file, exported);
  expect(take().code !== 0, 'the incident’s own journal');
  same(digue('journal', 'verify', incident).code, 0, 'ours is as good as before');
});

await test('lines of paper come in late; what cannot be read is told', () => {
  const file = join(root, 'papier.csv');
  writeFileSync(file, 'Date;Heure;Auteur;Description\n09/03/2026;22h40;Standard;Appel\n31/02/2026;1:00;;Jamais\n');
  const looked = json('journal', 'import', incident, '--csv', file, '--source', 'cahier');
  same([looked.kept, looked.accepted, looked.refused], [false, 1, 1], 'looked at');
  const before = json('journal', 'protection', incident).size;
  const kept = json('journal', 'import', incident, '--csv', file, '--source', 'cahier', '--keep');
  same([kept.kept, json('journal', 'protection', incident).size], [true, before + 2], 'kept, with a line about it');
  const [line] = json('journal', 'list', incident, '--q', 'appel', '--who', 'standard').entries;
  same([line.about, line.event_time, line.precision], ['journal.imported', '2026-03-09T21:40:00Z', 'minute'], 'the late entry');
});

await test('one changed byte on the disk is found and named, with exit code 1; writing goes on', () => {
  same(digue('journal', 'verify', incident).code, 0, 'before');
  const damage = [
    ['UPDATE journal_bodies SET body = replace(body, \'Ligne 3\', \'Ligne 8\') WHERE seq = 5', 5, 'line.body'],
    ['UPDATE journal_entries SET header = replace(header, \'Europe/Paris\', \'Europe/Parma\') WHERE seq = 4', 4, 'line.header'],
    ['UPDATE journal_checkpoints SET note = replace(note, \'digue\', \'Digue\') WHERE size = 3', 3, 'checkpoint.damaged'],
  ];
  for (const [statement, line, id] of damage) {
    sql(statement);
    const done = digue('journal', 'verify', incident, '--json');
    same(done.code, 1, 'the exit code');
    const first = JSON.parse(done.out).problems[0];
    same([first.first, first.id], [line, id], 'the first bad line');
  }
  const page = json('journal', 'list', incident, '--limit', '10').entries;
  same(page.filter((one) => one.damaged).map((one) => [one.seq, one.text]), [[4, ''], [5, '']], 'damaged lines are marked, their words are not shown');
  json('journal', 'add', incident, '--text', 'La suite');
});

await test('a journal written again as a whole, key and all, does not have the code from paper', () => {
  const other = json('incident', 'new', '--title', 'Autre').id;
  json('journal', 'add', other, '--text', 'Vrai');
  const { code } = json('journal', 'protection', other).signed;
  sql(`DELETE FROM journal_checkpoints WHERE incident = '${other}'`);
  sql(`DELETE FROM journal_bodies WHERE incident = '${other}' AND seq = (SELECT max(seq) FROM journal_entries WHERE incident = '${other}')`);
  sql(`DELETE FROM journal_entries WHERE incident = '${other}' AND seq = (SELECT max(seq) FROM journal_entries WHERE incident = '${other}')`);
  json('journal', 'add', other, '--text', 'Faux');
  const found = json('journal', 'verify', other, '--code', code);
  same([found.good, found.code_size], [true, null], 'the signatures hold, the code does not');
});

close();
