// Runs a program in a process of its own, on the runtime under test, and kills it if it hangs.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_MS = 120_000;
/** The runtime under test: that of the tests, or the one that is named. */
const runtime = process.env.PALITRA_RUNTIME ?? process.execPath;
export const isBun = /bun[^/\\]*$/.test(runtime);

/** Runs the text of a program as a file in `folder`, and returns what it left behind. */
export async function runProgram(folder, source, { type = 'mjs', env = {}, args = [] } = {}) {
  const own = mkdtempSync(join(folder, 'program-'));
  const file = join(own, `main.${type}`);
  writeFileSync(file, source);
  try {
    return await run([...args, file], { ...process.env, NODE_TEST_CONTEXT: undefined, ...env });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function run(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr, isHung] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const limit = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, LIMIT_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stdout, stderr, isHung });
    });
  });
}
