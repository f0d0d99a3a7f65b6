// The workbench under measure: the real program on an empty data directory, and quick requests to it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function startWorkbench(program) {
  const data = mkdtempSync(join(tmpdir(), 'digue-bench-'));
  const child = spawn(program, ['serve', '--data', data, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const link = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /http:\/\/\S+#\/signin\?token=\S+/.exec(output);
      if (found) resolve(new URL(found[0]));
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const port = Number(link.port);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 40 });
  let cookie = '';
  const call = (method, path, body) => new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = http.request({
      host: '127.0.0.1', port, method, path: `/api/v1${path}`, agent,
      headers: { 'X-Digue-Request': '1', Cookie: cookie, ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }) },
    }, (answer) => {
      let all = '';
      answer.on('data', (part) => { all += part; });
      answer.on('end', () => {
        if (answer.statusCode >= 300) return reject(new Error(`${method} ${path}: ${answer.statusCode} ${all.slice(0, 200)}`));
        if (answer.headers['set-cookie']) [cookie] = answer.headers['set-cookie'][0].split(';');
        resolve(JSON.parse(all));
      });
    });
    request.on('error', reject);
    request.end(text);
  });
  await call('POST', '/session', { token: new URLSearchParams(link.hash.split('?')[1]).get('token'), name: 'Mesure' });
  return {
    port,
    call,
    cookie: () => cookie,
    incident: async (title) => (await call('POST', '/incidents', { title, description: '', confirmed: true, exercise: true })).id,
    stop: async () => {
      agent.destroy();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export function quantiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) };
}
export const ms = (value) => (value === undefined ? '-' : value.toFixed(1));
