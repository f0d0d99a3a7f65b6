// A team on one workbench: news, who is here, and two people at one field.
//
//   node tests/integration/live_test.mjs build/release/digue
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Workbench, close, expect, root, same, test } from './workbench.mjs';

let bench = await Workbench.start(join(root, 'data'));
await bench.signIn();
const { id } = await bench.newIncident();

/** A second person at the same workbench. */
async function colleague(name) {
  const { link } = await bench.call('POST', '/session/links', undefined, 201);
  const other = Object.assign(Object.create(Workbench.prototype), { port: bench.port, agent: bench.agent, token: new URLSearchParams(new URL(link).hash.split('?')[1]).get('token') });
  await other.signIn(name);
  return other;
}

/** A live stream as it comes; `until` waits for a text and gives what came up to its end. */
async function listen(who, query = '', headers = {}) {
  const controller = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${bench.port}/api/v1/live${query}`, { headers: { Cookie: who.cookie, ...headers }, signal: controller.signal });
  same([answer.status, answer.headers.get('content-type')], [200, 'text/event-stream'], 'stream');
  const reader = answer.body.getReader();
  let text = '';
  return {
    until: async (wanted) => {
      while (!text.includes(wanted)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended before ${wanted}: ${text}`);
        text += new TextDecoder().decode(value);
      }
      const end = text.indexOf(wanted) + wanted.length;
      const seen = text.slice(0, end);
      text = text.slice(end);
      return seen;
    },
    end: async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return text;
        text += new TextDecoder().decode(value);
      }
    },
    close: () => controller.abort(),
  };
}
const idOf = (text) => /id: (\S+)\n(?:.*\n)*?$/.exec(text.slice(text.lastIndexOf('id: ')))[1];
const event = (kind, incident = id) => `event: ${kind}\ndata: ${incident ? `{"incident":"${incident}"}` : '{}'}\n\n`;

await test('news come without asking, numbered; of one incident, or of all', async () => {
  const other = await bench.newIncident('Autre');
  const one = await listen(bench, `?incident=${id}`);
  const all = await listen(bench);
  await one.until(event('hello', ''));
  await all.until(event('hello', ''));
  await bench.line(other.id, 'ailleurs');
  await bench.line(id, 'ici');
  const seen = await one.until(event('journal'));
  expect(!seen.includes(other.id), 'news of another incident');
  await all.until(event('journal', other.id));
  await all.until(event('journal'));
  same((await bench.request('GET', '/api/v1/live?incident=none')).status, 404, 'no such incident');
  one.close();
  all.close();
});

await test('a stream that was cut goes on behind its last event; from an unknown place everything is read again', async () => {
  const first = await listen(bench);
  const last = idOf(await first.until(event('hello', '')));
  first.close();
  await bench.line(id, 'pendant la coupure');
  const header = await listen(bench, '?after=nonsense-1', { 'Last-Event-ID': last });
  await header.until(event('hello', ''));
  await header.until(event('journal'));
  header.close();
  const address = await listen(bench, `?after=${last}`);
  await address.until(event('journal'));
  address.close();
  const lost = await listen(bench, '?after=0123456789ab-7');
  expect((await lost.until(event('reset', ''))).includes('id: '), 'reset with a place to go on from');
  lost.close();
});

await test('a reader that takes nothing holds nobody up', async () => {
  const slow = net.connect(bench.port, '127.0.0.1');
  slow.on('error', () => {});
  slow.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nCookie: ${bench.cookie}\r\n\r\n`);
  slow.pause();
  const quick = await listen(bench);
  await quick.until(event('hello', ''));
  await Promise.all(Array.from({ length: 200 }, (_, i) => bench.line(id, `ligne ${i}`)));
  await quick.until(event('journal'));
  quick.close();
  slow.destroy();
});

await test('who is here is seen by all, and gone when the page or the session ends', async () => {
  const diop = await colleague('B. Diop');
  const stream = await listen(bench);
  await stream.until(event('hello', ''));
  const here = (who, page, place, editing = '', wanted = 200) => who.call('PUT', `/incidents/${id}/presence`, { page, place, editing }, wanted);
  await here(bench, 'p1', 'situation');
  const list = await here(diop, 'p1', 'plan', 'task:1');
  same(list.map(({ name, place, editing }) => [name, place, editing]), [['A. Roche', 'situation', null], ['B. Diop', 'plan', 'task:1']], 'list');
  await stream.until(event('presence'));
  await here(bench, '', 'plan', '', 422);
  await bench.call('PUT', '/incidents/none/presence', { page: 'p', place: 'plan' }, 404);
  await bench.call('DELETE', `/incidents/${id}/presence/p1`, undefined, 204);
  same((await bench.call('GET', `/incidents/${id}/presence`)).map((one) => one.name), ['B. Diop'], 'after closing the page');
  const theirs = await listen(diop);
  await theirs.until(event('hello', ''));
  await diop.call('DELETE', '/session', undefined, 204);
  await theirs.end();
  same(await bench.call('GET', `/incidents/${id}/presence`), [], 'after signing out');
  stream.close();
});

await test('two people at one task: the second is shown what the first wrote', async () => {
  const diop = await colleague('B. Diop');
  const [task] = await bench.call('GET', `/incidents/${id}/tasks`);
  const path = `/incidents/${id}/tasks/${task.id}`;
  same(task.changed, null, 'never changed');
  const first = await diop.call('PATCH', path, { owner: 'B. Diop', based_on: null });
  const refused = await bench.call('PATCH', path, { owner: 'A. Roche', based_on: null }, 409);
  same([refused.error.code, refused.error.where, refused.current.owner, refused.current.by, refused.current.changed],
    ['conflict', 'based_on', 'B. Diop', 'B. Diop', first.changed], 'what stands there');
  expect(refused.error.message.includes('B. Diop') && refused.error.help, JSON.stringify(refused.error));
  await bench.call('PATCH', path, { owner: 'A. Roche', based_on: 'hier' }, 422);
  same((await bench.call('PATCH', path, { owner: 'A. Roche', based_on: first.changed })).owner, 'A. Roche', 'after reading it');
  same((await diop.call('PATCH', path, { owner: 'C. Petit' })).owner, 'C. Petit', 'without a word of what it is based on');
});

await test('of two at once, one wins and the other is told', async () => {
  const task = (await bench.call('GET', `/incidents/${id}/tasks`))[1];
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => bench.request('PATCH', `/api/v1/incidents/${id}/tasks/${task.id}`,
    { body: JSON.stringify({ proof: `preuve ${i}`, based_on: task.changed }) })));
  same(answers.map((one) => one.status).sort(), [200, ...Array(7).fill(409)], 'statuses');
  const won = answers.find((one) => one.status === 200).json.proof;
  same((await bench.call('GET', `/incidents/${id}/tasks`)).find((one) => one.id === task.id).proof, won, 'what is kept');
});

await test('the same for establishments, contacts, the register of breaches and the qualification', async () => {
  const establishment = await bench.call('POST', '/establishments', { name: 'CH Exemple' }, 201);
  const saved = await bench.call('PUT', `/establishments/${establishment.id}`, { name: 'CH d’Exemple', based_on: establishment.changed });
  let refused = await bench.call('PUT', `/establishments/${establishment.id}`, { name: 'x', based_on: establishment.changed }, 409);
  same([refused.current.name, refused.current.changed, refused.current.by], ['CH d’Exemple', saved.changed, 'A. Roche'], 'establishment');

  const contact = await bench.call('POST', '/contacts', { name: 'Astreinte', role: 'on_call' }, 201);
  await bench.call('PUT', `/contacts/${contact.id}`, { name: 'Astreinte 2', role: 'on_call', based_on: contact.changed });
  refused = await bench.call('PUT', `/contacts/${contact.id}`, { name: 'x', role: 'on_call', based_on: contact.changed }, 409);
  same(refused.current.name, 'Astreinte 2', 'contact');

  const [line] = await bench.call('GET', `/incidents/${id}/breaches`);
  const write = (nature, based_on, wanted = 200) => bench.call('PUT', `/incidents/${id}/breaches`, { establishment: line.establishment, nature, based_on }, wanted);
  await write('Accès', line.changed);
  refused = await write('autre', line.changed, 409);
  same([refused.current.texts.nature, refused.current.by], ['Accès', 'A. Roche'], 'breach');
  await write('autre', refused.current.changed);

  const { questions, current } = await bench.call('GET', `/incidents/${id}/qualification`);
  same(current, null, 'never qualified');
  const answers = { [questions[0].id]: 'yes' };
  await bench.call('POST', `/incidents/${id}/qualification`, { based_on: 0, answers, severity: 'minor', severity_reason: 'essai' }, 201);
  refused = await bench.call('POST', `/incidents/${id}/qualification`, { based_on: 0, answers, severity: 'major', severity_reason: 'essai' }, 409);
  same(refused.current.current.severity, 'minor', 'qualification');
});

// DIGUE_KILLS rounds; `make soak` plays more of them.
await test('kill -9 under lines and exhibits at once loses nothing acknowledged', async () => {
  const lines = new Map();
  const exhibits = new Map();
  for (let round = 0; round < Number(process.env.DIGUE_KILLS ?? 1); round += 1) {
    let stop = false;
    const enough = { lines: lines.size + 200, exhibits: exhibits.size + 5 };
    const during = (work) => async (_, number) => {
      for (let i = 0; !stop; i += 1) {
        try {
          await work(number, i);
        } catch (error) {
          if (!stop && !/ECONN|EPIPE|socket hang up/.test(error.message)) throw error;
          return;
        }
      }
    };
    const workers = [
      ...Array.from({ length: 20 }, during(async (writer, i) => {
        const line = await bench.line(id, `écrit ${round}/${writer}/${i}`);
        lines.set(line.seq, line);
      })),
      ...Array.from({ length: 3 }, during(async (sender, i) => {
        const exhibit = await bench.upload(id, `envoi ${round}/${sender}/${i}`, Buffer.alloc(150_000 + sender, `${round}/${i}`));
        exhibits.set(exhibit.id, exhibit.sha256);
      })),
    ];
    while (lines.size < enough.lines || exhibits.size < enough.exhibits) await sleep(5);
    stop = true;
    bench.child.kill('SIGKILL');
    await Promise.all(workers);
    await bench.kill('SIGKILL');
    bench = await Workbench.start(bench.data);
    await bench.signIn();
    const kept = await bench.journal(id);
    same(kept.map((line) => line.seq), kept.map((_, i) => i + 1), 'numbers without a gap');
    for (const [seq, line] of lines) same([kept[seq - 1].text, kept[seq - 1].hash], [line.text, line.hash], `line ${seq}`);
    const found = new Map((await bench.call('GET', `/incidents/${id}/exhibits`)).map((one) => [one.id, one.sha256]));
    for (const [exhibit, hash] of exhibits) same(found.get(exhibit), hash, `exhibit ${exhibit}`);
  }
  await bench.kill('SIGTERM');
});

close();
