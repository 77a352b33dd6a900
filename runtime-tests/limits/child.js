// Runs a program of its own, without palitra, and kills it when it does not end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the program wrote, how it ended (its exit code, or 'killed'), and when, on the clock of `Date.now()`. */
export async function runProgram(source, { limitMs = 20_000, args = [], env = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-limits-'));
  const file = join(folder, 'main.mjs');
  writeFileSync(file, source);
  const start = 'Deno' in globalThis ? ['run', '--allow-all', '--no-check'] : [];
  const child = spawn(process.execPath, [...start, ...args, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  let isKilled = false;
  const timer = setTimeout(() => {
    isKilled = true;
    child.kill('SIGKILL');
  }, limitMs);
  const code = await new Promise((resolve) => child.on('close', resolve));
  const endedAt = Date.now();
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  return { output, end: isKilled ? 'killed' : code, endedAt };
}

const map = JSON.stringify({
  version: 3,
  sources: ['original.ts'],
  names: [],
  mappings: 'AAAA',
  sourcesContent: ["console.log(new Error('here').stack)"],
});

/** Prints a stack, and has a source map that says where its code comes from. */
export const MAPPED = `console.log(new Error('here').stack);
//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}
`;
