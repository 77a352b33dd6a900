import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isBun } from './runtime.ts';

const LIMIT_MS = 120_000;

/** What a child process left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Was it killed because it did not end by itself? A hang is a failed test, not a stuck run. */
  readonly isHung: boolean;
  readonly ms: number;
}

export interface ChildOptions {
  /** Before the hard kill. @default two minutes, which are many times what any of them needs on a busy machine */
  readonly limitMs?: number;
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What the process finds on its standard input. @default nothing */
  readonly input?: string;
  /** Is told what has been written to either stream; answers through `child.stdin`, and ends that. */
  readonly onOutput?: (text: string, child: ChildProcessWithoutNullStreams) => void;
  /** Are both streams taken so slowly that their pipes are full most of the time? */
  readonly readsSlowly?: boolean;
}

/** Where the compiled fixtures are: the scripts import them by this. */
export const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

/**
 * Runs the text of an ES module in a process of its own, written as a file next to the fixtures so that
 * `palitra` and `./name.js` resolve as in a user's project, and kills it if it hangs.
 */
export async function runScript(source: string, options: ChildOptions = {}): Promise<Outcome> {
  const folder = await mkdtemp(join(fixtures, 'script-'));
  const file = join(folder, 'main.mjs');
  await writeFile(file, forThisRuntime(source.replaceAll("'./", "'../")));
  try {
    return await runNode([...(options.nodeArgs ?? []), file, ...(options.args ?? [])], options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In Bun, `--expose-gc` exposes nothing to workers. */
function forThisRuntime(source: string): string {
  if (!isBun) return source;
  return source.replaceAll('globalThis.gc', '(globalThis.gc ?? (() => Bun.gc(true)))');
}

/** Runs Node with these arguments, and kills it if it hangs. */
export function runNode(args: readonly string[], options: ChildOptions = {}): Promise<Outcome> {
  const { limitMs = LIMIT_MS, env, cwd, input, onOutput, readsSlowly } = options;
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // It may end without reading what it is given.
    child.stdin.on('error', () => undefined);
    if (onOutput === undefined) child.stdin.end(input);
    let stdout = '';
    let stderr = '';
    let isHung = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onOutput?.(text, child);
      if (readsSlowly) void pause(child.stdout);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onOutput?.(text, child);
      if (readsSlowly) void pause(child.stderr);
    });
    const timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr, isHung, ms: performance.now() - start });
    });
  });
}

async function pause(stream: Readable): Promise<void> {
  stream.pause();
  await sleep(2);
  stream.resume();
}
