// What the integration tests share: the server under test, requests, and the counts of the closing line.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const [program] = process.argv.slice(2);
if (!program) {
  console.error(`usage: node ${process.argv[1]} PROGRAM`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
let skipped = 0;
export const root = mkdtempSync(join(tmpdir(), 'digue-serve-'));
const children = new Set();

export function expect(truth, what) {
  if (!truth) throw new Error(what);
}
export function same(actual, wanted, what) {
  expect(JSON.stringify(actual) === JSON.stringify(wanted), `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
}
export async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${error.stack}`);
  }
}

/** The real program on a data directory of its own, spoken to as the page does. */
export class Workbench {
  static async start(data, more = [], inside = []) {
    const bench = new Workbench();
    bench.data = data;
    bench.output = '';
    const [command, ...rest] = [...inside, program, 'serve', '--data', data, '--port', '0', ...more];
    bench.child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(bench.child);
    bench.ended = new Promise((resolve) => bench.child.once('exit', (code, signal) => {
      children.delete(bench.child);
      if (!['SIGKILL', 'SIGTERM', null].includes(signal)) console.log(`the server died of ${signal}:\n${bench.output}`);
      resolve({ code, signal });
    }));
    const link = await new Promise((resolve, reject) => {
      const read = (chunk) => {
        bench.output += chunk;
        const found = /https?:\/\/\S+#\/signin\?token=\S+/.exec(bench.output) ??
          (bench.output.includes('Des comptes existent') ? /https?:\/\/\S+/.exec(bench.output) : null);
        if (found) resolve(new URL(found[0]));
      };
      bench.child.stdout.on('data', read);
      bench.child.stderr.on('data', read);
      bench.ended.then(({ code }) => reject(new Error(`the server ended with ${code}:\n${bench.output}`)));
    });
    bench.port = Number(link.port);
    bench.token = new URLSearchParams(link.hash.split('?')[1]).get('token');
    bench.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    return bench;
  }

  /** One request; resolves with {status, headers, text, json}. */
  request(method, path, { body, headers = {}, signed = true } = {}) {
    return new Promise((resolve, reject) => {
      const all = { Host: `127.0.0.1:${this.port}`, 'X-Digue-Request': '1', ...(signed && this.cookie ? { Cookie: this.cookie } : {}), ...headers };
      for (const key of Object.keys(all)) if (all[key] === null) delete all[key];
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path, agent: this.agent, headers: all }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          let json = null;
          try {
            json = JSON.parse(text);
          } catch { /* not JSON */ }
          resolve({ status: answer.statusCode, headers: answer.headers, text, json });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  async call(method, path, body, wanted = 200) {
    const answer = await this.request(method, `/api/v1${path}`, {
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    });
    expect(answer.status === wanted, `${method} ${path}: ${answer.status} instead of ${wanted}: ${answer.text.slice(0, 300)}`);
    return answer.json;
  }

  async signIn(name = 'A. Roche') {
    const answer = await this.request('POST', '/api/v1/session', { body: JSON.stringify({ token: this.token, name }) });
    expect(answer.status === 200, `sign-in: ${answer.status}`);
    this.setCookie = answer.headers['set-cookie'][0];
    this.cookie = this.setCookie.split(';')[0];
  }

  async upload(incident, name, bytes, wanted = 201) {
    const answer = await this.request('POST', `/api/v1/incidents/${incident}/exhibits?name=${encodeURIComponent(name)}`, { body: bytes });
    expect(answer.status === wanted, `upload: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer.json;
  }

  newIncident(title = 'Boîte compromise') {
    return this.call('POST', '/incidents', { title, description: '', confirmed: true, exercise: false }, 201);
  }

  async journal(incident) {
    const lines = [];
    let after = '';
    do {
      const page = await this.call('GET', `/incidents/${incident}/journal?limit=500&after=${after}`);
      lines.push(...page.entries);
      after = page.next;
    } while (after);
    return lines;
  }

  line(incident, text, more = {}, wanted = 201) {
    return this.call('POST', `/incidents/${incident}/journal`, { kind: 'fact', text, machines: [], accounts: [], rectifies: null, ...more }, wanted);
  }

  async kill(signal) {
    this.agent.destroy();
    this.child.kill(signal);
    return this.ended;
  }

  /** Bytes sent as they are; what comes back until the end of the connection. */
  raw(text) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(text));
      const parts = [];
      socket.on('data', (part) => parts.push(part));
      socket.on('error', reject);
      socket.on('close', () => resolve(Buffer.concat(parts).toString()));
    });
  }
}

export const vault = (bench) => readdirSync(join(bench.data, 'vault')).filter((name) => name !== 'incoming')
  .flatMap((name) => readdirSync(join(bench.data, 'vault', name)));
export const incoming = (bench) => readdirSync(join(bench.data, 'vault/incoming'));
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A part that this machine cannot run; said, never silent. */
export function skip(what) {
  skipped += 1;
  console.log(`skipped: ${what}`);
}

/** Ends what still runs and says the counts. */
export function close() {
  for (const child of children) child.kill('SIGKILL');
  if (existsSync(root)) rmSync(root, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}
