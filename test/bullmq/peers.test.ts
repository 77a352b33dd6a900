import { after, before, test } from 'node:test';
import { equal, match } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { runNode, type Outcome } from '../support/child.ts';
import { redisIsMissing as skip, startRedis } from '../support/servers.ts';

/** A project that has what `npm pack` makes of palitra, and nothing else. */
let project: string;
/** The command, by the way that npm makes. */
let command: string;
before(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'palitra-peers-')));
  const root = fileURLToPath(new URL('../', import.meta.resolve('palitra')));
  const packed = join(project, 'node_modules', 'palitra');
  await mkdir(packed, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--pack-destination', project, root];
  execFileSync('npm', args, {
    cwd: project,
    stdio: 'ignore',
    env: { ...process.env, npm_config_loglevel: 'silent' },
  });
  const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz'))!;
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', packed, '--strip-components=1']);
  const { bin } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8')) as {
    bin: { palitra: string };
  };
  command = join(packed, bin.palitra);
  // As npm does where it installs a command.
  await chmod(command, 0o755);
  await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
  await writeFile(join(project, 'tasks.js'), 'export const double = async (n) => 2 * n;');
});
after(() => rm(project, { recursive: true, force: true }));

const runHere = async (source: string): Promise<Outcome> => {
  await writeFile(join(project, 'main.js'), source);
  return runNode([join(project, 'main.js')], { cwd: project });
};

test('without bullmq and ioredis everything else of the package works', async () => {
  const { stdout, stderr, code } = await runHere(`
    import { coroutines, run } from 'palitra';
    import 'palitra/loop';
    import 'palitra/fetch';
    console.log(run(coroutines('./tasks.js', import.meta).double(21)));`);
  equal(stderr, '');
  equal(stdout, '42\n');
  equal(code, 0);
});

test('without them palitra/bullmq says what to install', async () => {
  const { stdout, stderr } = await runHere(`
    import('palitra/bullmq').catch((error) => console.log(error.code, error.message));`);
  equal(stderr, '');
  match(
    stdout,
    /^ERR_MODULE_NOT_FOUND palitra\/bullmq needs the packages bullmq and ioredis, and bullmq is not installed: npm install bullmq ioredis\n$/,
  );
});

test('without them the command tells its options, and what to install when it is to serve', async () => {
  const help = await runNode([command, '--help'], { cwd: project });
  equal(help.code, 0);
  match(help.stdout, /--queue/);
  const args = ['serve', '--queue', 'q', '--module', 'tasks=./tasks.js'];
  const { code, stderr } = await runNode([command, ...args], { cwd: project });
  equal(code, 1);
  match(stderr, /^palitra: palitra\/bullmq needs .*: npm install bullmq ioredis\n$/);
});

test('with them installed beside it, the packed command serves', { skip }, async () => {
  const { resolve } = createRequire(import.meta.url);
  for (const name of ['bullmq', 'ioredis']) {
    const folder = dirname(resolve(`${name}/package.json`));
    await symlink(folder, join(project, 'node_modules', name));
  }
  await mkdir(join(project, 'node_modules', '.bin'));
  await symlink(command, join(project, 'node_modules', '.bin', 'palitra'));
  const redis = await startRedis();
  const args = `--no-install palitra serve --queue packed --module tasks=./tasks.js --redis redis://127.0.0.1:${redis.port}`;
  const worker = spawn('npx', args.split(' '), {
    cwd: project,
    stdio: ['ignore', 'inherit', 'pipe'],
    // npx starts the command by way of a shell: both end together.
    detached: true,
  });
  try {
    let output = '';
    const isServing = new Promise<void>((done, fail) => {
      worker.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('serving tasks from the queue packed')) done();
      });
      worker.on('exit', () => fail(new Error(output)));
    });
    await isServing;
    using runner = new QueueRunner({
      queue: 'packed',
      connection: { host: '127.0.0.1', port: redis.port },
      timeout: 60_000,
    });
    const tasks = remoteCoroutines<{ double(n: number): Promise<number> }>('tasks');
    equal(runner.run(tasks.double(21)), 42);
    const ended = once(worker, 'close');
    process.kill(-worker.pid!, 'SIGTERM');
    await ended;
    match(output, /SIGTERM has come\..*stopped\.\n/s);
  } finally {
    if (worker.exitCode === null && worker.signalCode === null)
      process.kill(-worker.pid!, 'SIGKILL');
    await redis.stop();
  }
});
