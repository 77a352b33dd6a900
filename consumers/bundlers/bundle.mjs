/** What the tests of all bundlers share: where the source is, and what a bundle must do. */
import { deepEqual } from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../child.mjs';

/** The path of a file of the program that all of them bundle. */
export const source = (file) => fileURLToPath(new URL(`source/${file}`, import.meta.url));

/** The two entries: the program, and the loop module that it names `./loop.mjs`. */
export const entries = { main: source('main.mjs'), loop: source('loop.mjs') };

/**
 * Builds into an empty folder with no `node_modules` above it, looks that nothing but `files` is there,
 * and runs the first of them: by itself, or with `runtime`.
 */
export async function buildAndPlay({ build, files, runtime = [process.execPath] }) {
  const folder = await mkdtemp(join(tmpdir(), 'palitra bundle ü '));
  try {
    await build(folder);
    deepEqual((await readdir(folder)).sort(), [...files].sort());
    const [command, ...args] = [...runtime, join(folder, files[0])];
    const { stdout, ...outcome } = await runProgram(command, args, { cwd: folder });
    const seen = stdout.trim().split('\n').map(parse);
    deepEqual({ seen, ...outcome }, { seen: expected, code: 0, isHung: false, stderr: '' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

const expected = [
  { greeting: 'hello', isLoopThread: true, calls: 1 },
  [2, 4, 6],
  [60, [1, 2, 3]],
  { name: 'RangeError', used: 7, isInstance: true },
  { name: 'TimeoutError', code: 'ERR_PALITRA_TIMEOUT', isInstance: true },
  [1, 2, 3],
  ['Ada greets Grace', 2, 5],
  42,
  8,
  'inline',
  { name: 'NeverSettledError', code: 'ERR_PALITRA_NEVER_SETTLED', isInstance: true },
  'cleaned up',
];
