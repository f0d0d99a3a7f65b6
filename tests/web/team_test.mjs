// Three persons on one incident at once, from their accounts to a package that a stranger verifies when the workbench is gone.
//
//   node tests/web/team_test.mjs build/release/digue [--shots DIR]
//
// DIGUE_EVIDENCE_MIB: size of the evidence, 48 unless told.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasChromium } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';

const [given, ...options] = process.argv.slice(2);
const program = given && resolve(given);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: team_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('a team', 'no Chromium on this machine');
  process.exit(close());
}

const folder = mkdtempSync(join(tmpdir(), 'digue-team-'));
const mebibytes = Number(process.env.DIGUE_EVIDENCE_MIB ?? '48');
const server = await startServer(program);
const origin = new URL(server.link).origin;
const alix = await person(origin, 'a.roche', 'Alix Roche', { shots, prefix: 'team' });
const camille = await person(origin, 'c.roux', 'Camille Roux', { shots, prefix: 'team' });
const sacha = await person(origin, 's.petit', 'Sacha Petit', { shots, prefix: 'team' });
const team = [alix, camille, sacha];
const all = (work) => Promise.all(team.map(work));
const line = (who, text) => who.page.locator('article.line', { hasText: text });
let incident = '';
let file = '';
let sha256 = '';

async function write(who, text) {
  const { page } = who;
  await page.locator('main').getByLabel('Ce qui s’est passé').fill(text);
  await page.locator('main').getByRole('button', { name: 'Enregistrer' }).click();
  await page.locator('main').getByText(/^✓ Enregistré/).waitFor(); // its form is empty from here on
  await line(who, text).first().waitFor();
}

/** Exit code and answer of `digue verify`, with nothing of the workbench at hand. */
function verify(path) {
  const done = spawnSync(program, ['verify', path, '--json'], { encoding: 'utf8', cwd: folder, env: { PATH: process.env.PATH }, maxBuffer: 1 << 26 });
  return { code: done.status, told: done.stdout === '' ? done.stderr : JSON.parse(done.stdout) };
}

try {
  await check('three persons set up their accounts and second factors', async () => {
    await alix.page.goto(server.link);
    await alix.page.getByLabel('Votre nom').fill(alix.name);
    await alix.page.getByRole('button', { name: 'Entrer' }).click();
    await alix.page.getByText('Sans comptes').waitFor();
    await alix.go('#/people');
    await alix.page.getByLabel('Nom complet').fill(alix.name);
    await alix.page.getByLabel('Identifiant').fill(alix.login);
    await alix.page.getByRole('button', { name: 'Créer ce compte' }).click();
    await alix.setUp();
    await alix.keepCodes();
    for (const one of [camille, sacha]) {
      await one.page.goto(await alix.invite(one));
      await one.setUp();
      await one.keepCodes();
    }
    const made = await alix.api('POST', '/incidents', { title: 'Boîte du secrétariat', confirmed: true });
    incident = JSON.parse(made.text).id;
    const people = JSON.parse((await alix.api('GET', '/people')).text);
    for (const [who, roles] of [[alix, ['pilot']], [camille, ['responder']], [sacha, ['pilot', 'responder']]]) {
      const { id } = people.find((one) => one.login === who.login);
      expect((await alix.api('PUT', `/incidents/${incident}/people/${id}`, { roles })).status === 200, `no role for ${who.name}`);
    }
  });

  await check('they write at once: nothing is lost, everyone sees all of it without loading again', async () => {
    await all((who) => who.go(`#/incident/${incident}/journal`));
    await all(async (who) => {
      for (let i = 1; i <= 6; i += 1) await write(who, `${who.name} note ${i}`);
    });
    await all(async (who) => {
      for (const author of team) for (let i = 1; i <= 6; i += 1) await line(who, `${author.name} note ${i}`).first().waitFor();
    });
    const { entries } = JSON.parse((await alix.api('GET', `/incidents/${incident}/journal?limit=500`)).text);
    expect(entries.every((entry, at) => entry.seq === at + 1), 'a number is missing');
    for (const author of team)
      expect(entries.filter((entry) => entry.author === author.name && entry.text.includes(' note ')).length === 6, `lines of ${author.name}`);
    await sacha.sound();
  });

  await check('a rectification leaves both lines, for everyone', async () => {
    const { page } = camille;
    await line(camille, 'Sacha Petit note 2').getByRole('button', { name: /^Rectifier/ }).click();
    const form = page.locator('dialog[open]');
    await form.getByLabel('Ce qui s’est passé').fill('Compte bloqué à 22 h 52, pas à 22 h 25');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await form.getByText(/^✓ Enregistré/).waitFor();
    await page.keyboard.press('Escape');
    await all(async (who) => {
      await line(who, 'Compte bloqué à 22 h 52').first().waitFor();
      await who.page.locator('article.line.superseded', { hasText: 'Sacha Petit note 2' }).waitFor();
    });
    await alix.shot('journal');
    await camille.sound();
  });

  await check(`evidence of ${mebibytes} MiB is streamed in; the others see it come`, async () => {
    const path = join(folder, 'mail.log');
    const hash = createHash('sha256');
    const out = openSync(path, 'w');
    const part = Buffer.alloc(1 << 20);
    for (let i = 0; i < mebibytes; i += 1) {
      part.fill(`2026-03-09T08:00:${String(i % 60).padStart(2, '0')}+01:00 mx1 dovecot: imap-login: ligne ${i}\n`);
      hash.update(part);
      writeSync(out, part);
    }
    closeSync(out);
    sha256 = hash.digest('hex');
    await all((who) => who.go(`#/incident/${incident}/evidence`));
    const { page } = camille;
    await page.locator('#files').setInputFiles(path);
    await page.getByLabel('Source (machine, système)').fill('srv-mail-01');
    await page.getByRole('button', { name: 'Verser au dossier' }).click();
    for (const who of team) await who.page.getByRole('button', { name: 'mail.log', exact: true }).waitFor({ timeout: 1800000 });
    const [exhibit] = JSON.parse((await sacha.api('GET', `/incidents/${incident}/exhibits`)).text);
    expect(exhibit.sha256 === sha256 && exhibit.bytes === mebibytes * (1 << 20), JSON.stringify(exhibit));
    expect(exhibit.by === 'Camille Roux', exhibit.by);
    rmSync(path);
    await sacha.sound();
  });

  await check('one packs it, another sees the package and takes it away', async () => {
    await sacha.page.getByText('Préparer un paquet').click();
    const panel = (who) => who.page.locator('section', { has: who.page.getByRole('heading', { name: 'Paquet de preuves' }) });
    await panel(sacha).getByLabel('Destinataire').fill('Parquet');
    await panel(sacha).getByLabel('Motif').fill('enquête');
    await panel(sacha).getByLabel('Chiffrement').selectOption('none');
    await panel(sacha).getByRole('button', { name: 'Préparer le paquet' }).click();
    const link = panel(alix).getByRole('link', { name: 'Télécharger' });
    await link.waitFor({ timeout: 1800000 });
    const [download] = await Promise.all([alix.page.waitForEvent('download'), link.click()]);
    file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    await alix.shot('package');
    await alix.sound();
  });
} finally {
  for (const one of team) await one.session.browser.close();
  await server.stop();
}

const bag = join(folder, 'bag');
await check('away from the workbench it verifies, with digue verify and with sha256sum alone', () => {
  expect(!existsSync(server.data), 'the data directory is still there');
  const { code, told } = verify(file);
  expect(code === 0 && told.good && told.exhibits === 1 && told.lines > 20, JSON.stringify(told).slice(0, 800));
  const unpacked = spawnSync('python3', ['-m', 'zipfile', '-e', file, bag], { encoding: 'utf8' });
  expect(unpacked.status === 0, unpacked.stderr);
  const inside = join(bag, readdirSync(bag)[0]);
  const sums = spawnSync('sha256sum', ['-c', '--quiet', '--strict', 'manifest-sha256.txt'], { cwd: inside, encoding: 'utf8' });
  expect(sums.status === 0, sums.stderr);
  expect(readFileSync(join(inside, 'manifest-sha256.txt'), 'utf8').includes(sha256), 'the exhibit has another hash');
});

await check('one changed byte of any kind is found and named', () => {
  const inside = join(bag, readdirSync(bag)[0]);
  const copy = join(folder, 'copy');
  const text = (path) => readFileSync(join(inside, path), 'utf8');
  const exhibit = `data/exhibits/${readdirSync(join(inside, 'data/exhibits'))[0]}/mail.log`;
  const journal = 'data/journal/journal.ndjson';
  const place = (path, wanted) => readFileSync(join(inside, path)).indexOf(wanted);
  const row = (wanted) => text(journal).split('\n').findIndex((one) => one.includes(wanted));
  const put = (name, bytes) => {
    rmSync(join(copy, name));
    writeFileSync(join(copy, name), bytes);
  };
  const flip = (name, at) => {
    rmSync(join(copy, name));
    copyFileSync(join(inside, name), join(copy, name));
    const opened = openSync(join(copy, name), 'r+');
    const byte = Buffer.alloc(1);
    readSync(opened, byte, 0, 1, at);
    byte[0] ^= 1;
    writeSync(opened, byte, 0, 1, at);
    closeSync(opened);
  };
  const mend = (manifest, algorithm, only) => put(manifest, readFileSync(join(copy, manifest), 'utf8').replace(/^(\S+)( +\*?)(.+)$/gm, (entry, _, gap, name) => (
    only && !only.includes(name) ? entry : `${spawnSync(`${algorithm}sum`, [name], { cwd: copy, encoding: 'utf8' }).stdout.split(' ')[0]}${gap}${name}`)));
  const flips = [
    [exhibit, 1000, exhibit],
    [journal, place(journal, 'Camille Roux note 3'), journal, row('Camille Roux note 3') + 1],
    // The first checkpoint covers the lines from the first on, which stands behind the head of the file.
    [journal, place(journal, '"checkpoint"') + 80, journal, 2],
    ['data/custody.ndjson', place('data/custody.ndjson', 'Camille Roux') + 2, 'data/custody.ndjson', 1],
    ['data/exhibits.ndjson', place('data/exhibits.ndjson', 'srv-mail') + 2, 'data/exhibits.ndjson'],
    ['data/index.html', 300, 'data/index.html'],
    ['manifest-sha256.txt', 5, null],
    ['tagmanifest-sha256.txt', 5, null],
    ['bag-info.txt', 5, 'bag-info.txt'],
  ];
  for (const [path, at, named, number] of flips) {
    expect(at >= 2, `nothing to change in ${path}`);
    rmSync(copy, { recursive: true, force: true });
    expect(spawnSync('cp', ['-al', inside, copy]).status === 0, 'not copied');
    flip(path, at);
    const plain = verify(copy);
    expect(plain.code === 1 && (named === null || plain.told.problems.some((one) => one.file === named)), `${path}: ${JSON.stringify(plain.told).slice(0, 400)}`);
    if (number === undefined) continue;
    // Some kinds stand behind hashes: who changes them mends the manifests as well, which must not help.
    for (const kind of ['manifest', 'tagmanifest'])
      for (const algorithm of ['sha256', 'sha512']) mend(`${kind}-${algorithm}.txt`, algorithm, kind === 'manifest' ? [path] : null);
    const mended = verify(copy);
    const problem = mended.told.problems?.[0];
    expect(mended.code === 1 && problem?.file === named && problem.line === number, `${path}, manifests mended: ${JSON.stringify(problem)}, expected line ${number}`);
  }
});

rmSync(folder, { recursive: true, force: true });
process.exit(close());
