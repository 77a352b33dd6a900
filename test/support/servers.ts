import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from './certificate.ts';

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
  /** More of its own options. */
  readonly args?: readonly string[];
}

/** Starts Debian's redis-server on the loopback interface. */
export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  const { folder, args = [] } = options;
  const port = options.port ?? (await freePort());
  const storage =
    folder === undefined ? ['no'] : ['yes', '--appendfsync', 'always', '--dir', folder];
  const child = spawn(
    'redis-server',
    [
      ...`--bind 127.0.0.1 --port ${port} --save --daemonize no --appendonly`.split(' '),
      ...storage,
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await output(child, /Ready to accept connections/);
  return { port, stop: () => stop(child) };
}

/** Starts a Redis that is only spoken to by TLS; `certificate` is the text of the one that it shows. */
export async function startTlsRedis(): Promise<Server & { readonly certificate: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-tls-'));
  const { key, cert } = createCertificate(folder);
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key];
  const args = [...tls, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'];
  const server = await startRedis({ port: 0, args });
  return {
    port,
    certificate: readFileSync(cert, 'utf8'),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts a Sentinel that watches the Redis at `masterPort` under the name `mymaster`. */
export async function startSentinel(masterPort: number): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  // It writes what it finds out into the same file.
  writeFileSync(
    file,
    `bind 127.0.0.1\nport ${port}\nsentinel monitor mymaster 127.0.0.1 ${masterPort} 1
sentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 2000\n`,
  );
  const child = spawn('redis-server', [file, '--sentinel'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await output(child, /\+monitor master mymaster/);
  return {
    port,
    stop: async () => {
      await stop(child);
      rmSync(folder, { recursive: true });
    },
  };
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
