import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const running = new Set();
// However this program ends, what it has started ends, too.
process.on('exit', stopAll);

/** Redis, on a free port, with a folder of its own. */
export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'palitra-example-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const options = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
  await start('redis-server', options, 'Ready to accept connections');
  return port;
}

/** The command `palitra serve`; a worker that dies is missed within two seconds. */
export async function startWorker(port) {
  const args = ['serve', '--queue', 'thumbnails', '--module', 'thumbnails=./thumbnails.js'];
  args.push('--redis', `redis://127.0.0.1:${port}`, '--concurrency', '4');
  args.push('--worker', 'lockDuration=1000', '--worker', 'stalledInterval=500');
  const command = join(here, 'node_modules', '.bin', 'palitra');
  return start(command, args, 'serving thumbnails');
}

/** Kills what is still there. */
export function stopAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a process, and resolves to its id when it has said that it is ready. */
async function start(command, args, ready) {
  const child = spawn(command, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  await new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (output.includes(ready)) resolve();
      });
    }
    child.on('error', ({ code }) =>
      reject(new Error(code === 'ENOENT' ? `${command} is not installed` : code)),
    );
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}: ${output}`)));
  });
  return child.pid;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
