/** Child processes use palitra of their own, and one that never uses it is none the slower to leave. */
import { test } from 'node:test';
import { deepEqual, ok } from 'node:assert/strict';
import { runScript } from '../support/child.ts';

test('child processes made by fork() use palitra of their own, while the parent does, and clean up', async () => {
  const { stdout, stderr, isHung, code } = await runScript(`
    import { fork } from 'node:child_process';
    import { once } from 'node:events';
    import { fileURLToPath } from 'node:url';
    import { coroutines, run } from 'palitra';
    const { count } = coroutines('./arithmetic.js', import.meta);
    const { printAtEnd } = coroutines('./shutdown.js', import.meta);
    if (process.send === undefined) {
      run(count());
      run(printAtEnd('parent cleaned up'));
      const children = [1, 2, 3].map(() => fork(fileURLToPath(import.meta.url)));
      const exits = children.map((child) => once(child, 'exit'));
      const answers = await Promise.all(children.map((child) => once(child, 'message')));
      const ends = await Promise.all(exits);
      // Their count begins anew: the loop thread is not this process's.
      console.log(answers.flat().filter((answer) => typeof answer === 'number').join(), run(count()), ends.flat().join());
    } else {
      run(printAtEnd('child cleaned up'));
      process.send(run(count()) + 10 * run(count()), () => process.exit(4));
    }`);
  deepEqual(
    { stdout, stderr, isHung, code },
    {
      stdout: `${'child cleaned up\n'.repeat(3)}21,21,21 2 4,,4,,4,\nparent cleaned up\n`,
      stderr: '',
      isHung: false,
      code: 0,
    },
  );
});

test('so do the workers of a cluster, which serve what they get by run()', async () => {
  const { stdout, stderr, isHung, code } = await runScript(`
    import cluster from 'node:cluster';
    import { once } from 'node:events';
    import { createServer } from 'node:http';
    import { coroutines, run } from 'palitra';
    const { add } = coroutines('./arithmetic.js', import.meta);
    const { printAtEnd } = coroutines('./shutdown.js', import.meta);
    if (cluster.isPrimary) {
      const workers = [cluster.fork(), cluster.fork()];
      const [[{ port }]] = await Promise.all(workers.map((worker) => once(worker, 'message')));
      const texts = await Promise.all(Array.from({ length: 8 }, async (_, n) => (await fetch('http://127.0.0.1:' + port + '/' + n)).text()));
      console.log(texts.join(), run(add(1, 2)));
      const exits = workers.map((worker) => once(worker, 'exit'));
      for (const worker of workers) worker.disconnect();
      console.log((await Promise.all(exits)).map(([exit]) => exit).join());
    } else {
      run(printAtEnd('worker cleaned up'));
      const server = createServer((request, response) => {
        response.setHeader('connection', 'close');
        response.end(String(run(add(Number(request.url.slice(1)), 100))));
      });
      server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
      process.once('disconnect', () => process.exit(0));
    }`);
  deepEqual(
    { stdout: stdout.split('\n').sort(), stderr, isHung, code },
    {
      stdout: [
        '',
        '0,0',
        '100,101,102,103,104,105,106,107 3',
        'worker cleaned up',
        'worker cleaned up',
      ],
      stderr: '',
      isHung: false,
      code: 0,
    },
  );
});

test('a process that imports palitra and never uses it starts no thread, and leaves in no time', async () => {
  const { stdout } = await runScript(`
    import { countThreads } from './../support/native-threads.js';
    const before = countThreads();
    await import('palitra');
    const { isRunnerAlive, shutdownGlobalRunner, coroutine } = await import('palitra');
    coroutine(async () => 1)();
    console.log(countThreads() - before, isRunnerAlive());
    shutdownGlobalRunner();
    // Whoever waited for a loop thread would do so for its shutdownTimeout of 5 s.
    const start = performance.now();
    process.once('exit', () => {
      process.on('exit', () => undefined);
      console.log(process.listenerCount('exit'));
      setImmediate(() => undefined);
      process.stdout.write(String(performance.now() - start < 4_500));
    });`);
  ok(stdout === '0 false\n1\ntrue', stdout);
});
