import { after, test } from 'node:test';
import { equal, ok, rejects, throws } from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { coroutine, coroutines, run, shutdownGlobalRunner, type Coroutine } from 'palitra';
import { QueueRunner, remoteCoroutines, serve } from 'palitra/bullmq';

const file = new URL('../fixtures/queue-tasks.js', import.meta.url);
type Tasks = typeof import('../fixtures/queue-tasks.ts');
const local = coroutines<Tasks>(file);
const tasks = remoteCoroutines<Tasks>('tasks');

after(shutdownGlobalRunner);

test('a remote coroutine is named by its module and function', () => {
  equal(String(tasks.double(1)), 'coroutine tasks#double');
  equal(String(tasks.users.find(1)), 'coroutine tasks#users.find');
});

/** Nothing is sent, so it does not matter that nobody listens there. */
const runner = new QueueRunner({ queue: 'names', connection: { port: 1 }, modules: {} });
const inline = coroutine(async () => 1);
const session = run(new (coroutines<Tasks>(file).Session)());

const unnamed: Record<string, [() => Coroutine<unknown>, RegExp]> = {
  'of a module that is not registered': [() => local.double(1), /its module is not registered/],
  'of a builtin': [
    () => coroutines<typeof import('node:fs')>('node:fs').statSync('/'),
    /not registered/,
  ],
  'written in place': [() => inline(), /never source text/],
  'that constructs a class': [() => new tasks.Session(), /a handle cannot come back/],
  'of a handle': [() => (session as any).close(), /no worker has it/],
  'with a name that cannot be written': [
    () => (tasks as any)['a.b'](),
    /"a\.b" is no name that can be written with dots/,
  ],
};
for (const [name, [make, message]] of Object.entries(unnamed)) {
  test(`a coroutine ${name} is refused on the calling side, with the reason`, () => {
    const coroutine = make();
    for (const use of [
      () => runner.run(coroutine),
      () => runner.gather([coroutine]),
      () => runner.createTask(coroutine),
    ]) {
      throws(use, { name: 'TypeError', message });
    }
    equal(runner.isAlive, false, 'no thread was started for it');
  });
}

test('what is no coroutine is refused as by run()', () => {
  throws(() => runner.run(Promise.resolve(1) as never), /not a promise/);
  throws(() => runner.gather(1 as never), /gather\(\) takes a coroutine/);
});

test('a remote coroutine that is given to a local runner says what to do', () => {
  throws(() => run(tasks.double(1)), {
    name: 'TypeError',
    message:
      /"tasks" is the name of a module on the workers of a queue.*run its coroutines with a QueueRunner/,
  });
});

test('modules are registered by URL, text of a URL, or path', () => {
  for (const source of [file, file.href, file.pathname, () => import('../fixtures/identity.ts')]) {
    ok(new QueueRunner({ queue: 'names', modules: { tasks: source } }));
  }
  equal(pathToFileURL(file.pathname).href, file.href);
});

const wrongOptions: [options: any, message: RegExp][] = [
  [undefined, /takes options/],
  [{}, /queue is the name of a BullMQ queue/],
  [{ queue: 'a:b' }, /without colons/],
  [{ queue: 'q', modules: { tasks: './tasks.js' } }, /URL, an absolute path or a function/],
  [{ queue: 'q', modules: { fs: 'node:fs' } }, /URL, an absolute path or a function/],
  [{ queue: 'q', modules: { 'a#b': file } }, /is a word such as 'tasks'/],
  [{ queue: 'q', connection: 'localhost:6379' }, /connection is a URL/],
  [
    { queue: 'q', connection: { retryStrategy: () => 1 } },
    /connection\.retryStrategy is more than data/,
  ],
  [{ queue: 'q', connection: { status: 'ready', duplicate: () => 1 } }, /not a client/],
  [{ queue: 'q', job: 3 }, /job is an object of options for BullMQ/],
  [{ queue: 'q', job: { backoff: { type: () => 1 } } }, /job\.backoff\.type is more than data/],
  [{ queue: 'q', timeout: 0 }, /timeout is a number of milliseconds above zero/],
  [{ queue: 'q', connectTimeout: '1' }, /connectTimeout is a number of milliseconds/],
  [{ queue: 'q', sizeLimit: -1 }, /sizeLimit is a number of bytes above zero/],
];
for (const [options, message] of wrongOptions) {
  test(`new QueueRunner() refuses what it cannot work with: ${String(message)}`, () => {
    throws(() => new QueueRunner(options), message);
  });
}

test('wrong options of a call are refused', () => {
  throws(() => runner.run(tasks.double(1), { timeout: -1 }), RangeError);
  throws(() => runner.run(tasks.double(1), 5 as never), /options of a call are an object/);
  throws(
    () => runner.run(tasks.double(1), { job: 'fast' as never }),
    /object of options for BullMQ/,
  );
  throws(() => runner.run(tasks.double(1), { onProgress: 1 as never }), /onProgress is a function/);
  for (const name of ['', '../tasks', 'a#b', 7]) {
    throws(() => remoteCoroutines(name as string), /is a word such as 'tasks'/);
  }
});

test('serve() refuses to begin without what it needs', async () => {
  const wrong: [options: any, message: RegExp][] = [
    [undefined, /serve\(\) takes options/],
    [{ queue: 'q' }, /takes the modules whose functions it may call/],
    [{ queue: 'q', modules: {} }, /takes the modules/],
    [{ queue: 'q', modules: { fs: 'node:fs' } }, /URL, an absolute path or a function/],
    [{ queue: 'q', modules: { tasks: async () => 1 } }, /returned no module/],
    [{ queue: 'q', modules: { tasks: new URL('missing.js', file) } }, /Cannot find module/],
    [{ queue: 'q', modules: { tasks: file }, drain: -1 }, /drain is a number/],
  ];
  for (const [options, message] of wrong) {
    await rejects(serve(options), message);
  }
});
