import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Starts `PROGRAM serve` on an empty data directory and a free port, unless they are given; answers with the sign-in link that it prints.
 * `inside`: a command that runs it, such as in a file system of its own; `words`: more of its options.
 */
export async function startServer(program, { inside = [], words = [], data = mkdtempSync(join(tmpdir(), 'digue-web-')), port = '0' } = {}) {
  const [command, ...rest] = [...inside, program, 'serve', '--data', data, '--port', port, ...words];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const link = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /https?:\/\/\S+#\/signin\?token=\S+/.exec(output);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    setTimeout(() => reject(new Error(`no sign-in link in:\n${output}`)), 30000).unref();
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    link,
    data,
    pid: child.pid,
    /** Without a word; the data stays. */
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
