import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server in a process of its own: a blocked test cannot serve anything itself. */
export interface Server {
  readonly port: number;
  /** Ends the process, and waits until it is gone. */
  stop(): Promise<void>;
}

export const redisIsMissing =
  spawnSync('redis-server', ['--version']).error === undefined
    ? undefined
    : 'redis-server is not installed: apt-get install redis-server';

export interface RedisOptions {
  /** @default a free one */
  readonly port?: number;
  /** Where it keeps its data, so that another one can go on with them. @default it keeps nothing on disk */
  readonly folder?: string;
}

/** Starts Debian's redis-server on the loopback interface. */
export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  const { folder } = options;
  const port = options.port ?? (await freePort());
  const storage =
    folder === undefined ? ['no'] : ['yes', '--appendfsync', 'always', '--dir', folder];
  const child = spawn(
    'redis-server',
    [
      ...`--bind 127.0.0.1 --port ${port} --save --daemonize no --appendonly`.split(' '),
      ...storage,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await output(child, /Ready to accept connections/);
  return { port, stop: () => stop(child) };
}

/** Runs the text of an ES module that prints the port it listens on. */
export async function startScript(source: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-server-'));
  const file = join(folder, 'server.mjs');
  writeFileSync(file, source);
  try {
    return await startNode([file]);
  } finally {
    // It has been read by now.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program that prints the port it listens on. */
export async function startNode(args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [, port] = await output(child, /port (\d+)\n/);
  return { port: Number(port), stop: () => stop(child) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the process has printed this, and throws when it ends before. */
function output(child: ChildProcess, expected: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const match = expected.exec(text);
      if (match !== null) resolve(match);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`A server ended with ${code}: ${text}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
