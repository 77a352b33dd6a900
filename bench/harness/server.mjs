import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../workers/server.mjs', import.meta.url));

/** A server in a process of its own, since this one is about to be blocked. It ends with this one. */
export async function startServer() {
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
  child.stdin.unref();
  return `http://127.0.0.1:${Number(port)}/`;
}
