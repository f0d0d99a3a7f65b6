// The workbench on a real PostgreSQL: the same work, a server that is stopped in the middle of it, and servers that are refused.
//
//   node tests/integration/postgres_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PostgresServer } from './postgres_server.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

if (!PostgresServer.installed) {
  skip('the workbench on PostgreSQL: the package postgresql is not installed');
  close();
}

const server = await PostgresServer.start();
const data = join(root, 'data');
server.psql('CREATE DATABASE cases');
const digue = (...words) => spawnSync(program, [...words, '--data', data], { encoding: 'utf8' });
/** What `digue serve` says to a database that it does not take. */
const refused = (uri, env = {}) => {
  const ended = spawnSync(program, ['serve', '--data', join(root, 'refused'), '--port', '0', '--database', uri], { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } });
  return { code: ended.status, text: ended.stderr + ended.stdout };
};

const bench = await Workbench.start(data, ['--database', server.uri('cases')]);
await bench.signIn('A. Roche');
const { id } = await bench.newIncident('Boîte compromise « é » 😀');

await test('an incident with lines, exhibits, tasks and people is kept in the database', async () => {
  expect(bench.output.includes(`Base\u00a0: ${server.uri('cases')}`), bench.output);
  const nul = await bench.line(id, 'avant\u0000derrière');
  same((await bench.journal(id)).at(-1).text, nul.text, 'a text that PostgreSQL has no form for');
  const exhibit = await bench.upload(id, 'message.eml', 'Subject: essai\r\n\r\nCorps.\r\n');
  same((await bench.call('GET', `/incidents/${id}/exhibits`)).map((one) => one.sha256), [exhibit.sha256], 'exhibits');
  await bench.call('POST', `/incidents/${id}/accounts`, { account: 'c.moreau@ch-exemple.example', origin: 'person' });
  await bench.call('POST', '/people', { login: 'b.diop', name: 'B. Diop' }, 201);
  same((await bench.call('GET', '/people')).map((one) => one.login), ['b.diop'], 'people');
  same(server.psql('SELECT count(*) FROM journal_entries', 'cases').stdout.trim(), String((await bench.journal(id)).length), 'lines in the database');
  expect(!existsSync(join(data, 'cases.sqlite')), 'no other case store');
});

await test('an immediate stop under a flood of lines loses nothing acknowledged; the same program goes on', async () => {
  const lines = new Map();
  for (let round = 0; round < 2; round += 1) {
    let stop = false;
    let told = 0;
    const enough = lines.size + 150;
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      for (let i = 0; !stop; i += 1) {
        const answer = await bench.request('POST', `/api/v1/incidents/${id}/journal`, {
          body: JSON.stringify({ kind: 'fact', text: `écrit ${round}/${writer}/${i}`, machines: [], accounts: [], rectifies: null }),
          headers: { 'Content-Type': 'application/json' },
        });
        if (answer.status === 201) {
          lines.set(answer.json.seq, answer.json);
        } else {
          same([answer.status, answer.json.error.code], [507, 'storage'], answer.text);
          expect(/PostgreSQL|On ne sait pas/.test(answer.json.error.message), answer.text);
          told += 1;
          await sleep(20);
        }
      }
    });
    while (lines.size < enough) await sleep(5);
    await server.stop();
    while (told === 0) await sleep(5);
    same((await bench.request('GET', `/api/v1/incidents/${id}/journal`)).status, 507, 'a read is refused, too');
    await server.run();
    const behind = lines.size + 50;
    while (lines.size < behind) await sleep(5);
    stop = true;
    await Promise.all(writers);
    const kept = await bench.journal(id);
    same(kept.map((line) => line.seq), kept.map((_, i) => i + 1), 'numbers without a gap');
    for (const [seq, line] of lines) same([kept[seq - 1].text, kept[seq - 1].hash], [line.text, line.hash], `line ${seq}`);
  }
  const verified = digue('journal', 'verify', id, '--json');
  same(verified.status, 0, verified.stdout + verified.stderr);
  same((await bench.journal(id)).length, JSON.parse(verified.stdout).lines, 'all lines were verified');
});

await test('a backup restores without a server, and an incident moves to a workbench without one', async () => {
  const saved = join(root, 'saved.tar');
  same(digue('backup', saved).status, 0, 'the backup');
  const embedded = join(root, 'embedded');
  const restored = spawnSync(program, ['restore', saved, '--data', embedded, '--json', '--author', 'A. Roche'], { encoding: 'utf8' });
  same(restored.status, 0, restored.stdout + restored.stderr);
  same([JSON.parse(restored.stdout).good, JSON.parse(restored.stdout).incidents, JSON.parse(restored.stdout).exhibits], [true, 1, 1], restored.stdout);
  expect(existsSync(join(embedded, 'cases.sqlite')) && !existsSync(join(embedded, 'database')), 'it needs no server');

  const moved = join(root, 'moved.tar');
  const exported = digue('incident', 'export', id, moved, '--to', 'CHU', '--author', 'A. Roche');
  same(exported.status, 0, exported.stdout + exported.stderr);
  const elsewhere = join(root, 'elsewhere');
  const imported = spawnSync(program, ['incident', 'import', moved, '--data', elsewhere, '--json', '--author', 'B. Diop'], { encoding: 'utf8' });
  same(imported.status, 0, imported.stdout + imported.stderr);
  const verified = spawnSync(program, ['journal', 'verify', id, '--data', elsewhere, '--json'], { encoding: 'utf8' });
  same(verified.status, 0, verified.stdout + verified.stderr);
});

await test('from a restored backup an incident goes back into a database, by export and import', async () => {
  const back = join(root, 'back.tar');
  const words = (args, folder) => spawnSync(program, [...args, '--data', folder, '--json', '--author', 'A. Roche'], { encoding: 'utf8' });
  const exported = words(['incident', 'export', id, back, '--to', 'base neuve'], join(root, 'embedded'));
  same(exported.status, 0, exported.stdout + exported.stderr);
  server.psql('CREATE DATABASE fresh');
  const fresh = join(root, 'fresh');
  const imported = words(['incident', 'import', back, '--database', server.uri('fresh')], fresh);
  same(imported.status, 0, imported.stdout + imported.stderr);
  const lines = Number(server.psql('SELECT count(*) FROM journal_entries', 'fresh').stdout.trim());
  expect(lines > (await bench.journal(id)).length, `${lines} lines`);
  const verified = words(['journal', 'verify', id], fresh);
  same([verified.status, JSON.parse(verified.stdout).good], [0, true], verified.stdout + verified.stderr);
  expect(!existsSync(join(fresh, 'cases.sqlite')), 'it is in the database');
});

await test('a second program is refused, and so is a server that could lose what it acknowledged', async () => {
  const second = refused(server.uri('cases'));
  same(second.code, 4, second.text);
  expect(second.text.includes('Un autre Digue'), second.text);
  await bench.kill('SIGTERM');
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    await server.stop();
    await server.run(`${setting}=off`);
    const answer = refused(server.uri('cases'));
    same(answer.code, 4, answer.text);
    expect(answer.text.includes(`${setting} = off`), answer.text);
  }
  await server.stop();
  await server.run();
});

await test('the data directory remembers its database; another one is taken only when it is named', async () => {
  const listed = JSON.parse(digue('incident', 'list', '--json').stdout);
  same(listed.map((one) => one.id), [id], 'a command without a running workbench');
  same(JSON.parse(digue('incident', 'list', '--json', '--database', 'sqlite').stdout), [], 'the embedded one');
  same(JSON.parse(digue('incident', 'list', '--json').stdout), [], 'is remembered now');
  same(JSON.parse(digue('incident', 'list', '--json', '--database', server.uri('cases')).stdout).length, 1, 'and back');
  expect(existsSync(join(data, 'database')) && readFileSync(join(data, 'database'), 'utf8').trim() === server.uri('cases'), 'the file');
});

await test('what is wrong is said: password, database, server, address', async () => {
  server.psql("CREATE ROLE secret LOGIN PASSWORD 'kz7-fwqb'");
  server.psql('CREATE DATABASE theirs OWNER secret');
  const remote = `postgresql://secret@127.0.0.1:${server.port}/theirs`;
  const pass = join(root, 'pgpass');
  writeFileSync(pass, `127.0.0.1:${server.port}:theirs:secret:wrong-one\n`, { mode: 0o600 });
  for (const env of [{ PGPASSFILE: join(root, 'none') }, { PGPASSFILE: pass }]) {
    const answer = refused(remote, env);
    same(answer.code, 4, answer.text);
    expect(answer.text.includes('PGPASSFILE') && !answer.text.includes('wrong-one'), answer.text);
  }
  writeFileSync(pass, `127.0.0.1:${server.port}:theirs:secret:kz7-fwqb\n`, { mode: 0o600 });
  process.env.PGPASSFILE = pass;
  const theirs = await Workbench.start(join(root, 'theirs'), ['--database', remote]);
  await theirs.signIn('A. Roche');
  await theirs.newIncident();
  expect(!theirs.output.includes('kz7-fwqb') && !readFileSync(`/proc/${theirs.child.pid}/cmdline`, 'utf8').includes('kz7'), 'the password is nowhere');
  await theirs.kill('SIGTERM');

  const absent = refused(server.uri('absent'));
  same(absent.code, 4, absent.text);
  expect(absent.text.includes('absent') && absent.text.includes('createdb'), absent.text);
  const nobody = refused('postgresql://digue@127.0.0.1:1/cases');
  same(nobody.code, 4, nobody.text);
  const written = refused('postgresql://digue:s3cret@127.0.0.1/cases');
  same(written.code, 2, written.text);
  expect(!written.text.includes('s3cret'), written.text);
  same(refused('postgresql://db.ch-exemple.example/cases?sslmode=disable').code, 2, 'a clear text connection to another machine');
  same(refused('mysql://db/cases').code, 2, 'another kind of database');
});

await server.close();
close();
