/**
 * Found by asking of each file "what has happened on this thread before, and what else is there?". Each hung,
 * lost something or ended in the wrong outcome, every time.
 */
import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { runScript, type ChildOptions } from '../support/child.ts';
import { isNode } from '../support/runtime.ts';
import { runThreads } from '../support/threads.ts';

const PRELUDE = `
  import { coroutine, coroutines, createTask, gather, iterate, run, EventLoopThreadRunner } from 'palitra';
  const nameOf = (body) => { try { return body(); } catch (error) { return error.name; } };
  const echo = coroutine(async (value) => value);
  const never = coroutine(() => new Promise(() => {}));
`;

async function prints(source: string, expected: string, options: ChildOptions = {}): Promise<void> {
  const { stdout, isHung } = await runScript(PRELUDE + source, options);
  deepEqual({ stdout, isHung }, { stdout: expected, isHung: false });
}

const inNode = { skip: isNode ? false : 'options of Node' };

// Its own output waited for the parent's event loop, held all later output back, and kept the thread alive.
const importing = (code: string) => ({ nodeArgs: ['--import', `data:text/javascript,${code}`] });

for (const [what, code] of Object.entries({
  output: "process.stdout.write('')",
  'output on stderr': "process.stderr.write('hooked\\n')",
})) {
  test(`--import that gives ${what}: a coroutine that never settles is found`, inNode, () =>
    prints(`console.log(nameOf(() => run(never())));`, 'NeverSettledError\n', importing(code)),
  );
}

test('--import that gives output: that of the loop thread comes at once', inNode, () =>
  prints(
    `run(coroutine(async () => { for (let n = 0; n < 3; n++) { console.log(n); await null; } })());
    console.log('back');`,
    '0\n1\n2\nback\n',
    importing("process.stdout.write('')"),
  ),
);

test('--frozen-intrinsics: a coroutine that never settles is found', inNode, () =>
  prints(`console.log(nameOf(() => run(never())));`, 'NeverSettledError\n', {
    nodeArgs: ['--frozen-intrinsics'],
  }),
);

// The promise of an import was none in the eyes of the dispatcher, and was called as if it were the function.
test('--import that replaces Promise', inNode, () =>
  prints(
    `const { join } = coroutines('node:path/posix');
    console.log(run(join('a', 'b')), await createTask(echo(2)));`,
    'a/b 2\n',
    importing('globalThis.Promise = class Promise extends globalThis.Promise {}'),
  ),
);

// Node 20 called it while a message was half read, and what it called read the next.
test('an Error.prepareStackTrace that calls run()', () =>
  prints(
    `const fail = coroutine(async () => { throw new TypeError('real'); });
    run(echo(1));
    let isInside = false;
    Error.prepareStackTrace = (error) => {
      if (!isInside) {
        isInside = true;
        run(echo('mapped'));
        isInside = false;
      }
      return String(error);
    };
    console.log(nameOf(() => run(fail())), run(echo(5)));`,
    'TypeError 5\n',
  ));

// Of two that came before there was a producer, the first was forgotten.
test('a callback asks for an item while the first is waited for, in lock-step', () =>
  prints(
    `const later = coroutine(async (callback) => {
      void callback();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return (async function* () { for (let n = 0; ; n++) yield n; })();
    });
    const inner = [];
    const iterator = iterate(later(() => { inner.push(iterator.next().value); }), { highWaterMark: 1 });
    const outer = nameOf(() => iterator.next().value);
    console.log([outer, ...inner].sort().join(), nameOf(() => iterator.next().value));
    iterator.return();`,
    '0,1 2\n',
  ));

// It was left half way: the producer had not been told, and its items were dropped.
for (const highWaterMark of [1, 2, 64]) {
  test(`return() with what cannot cross ends the iteration (highWaterMark ${highWaterMark})`, () =>
    prints(
      `const numbers = coroutine(async function* () {
        try { for (let n = 0; ; n++) yield n; } finally { globalThis.hasCleanedUp = true; }
      });
      const iterator = iterate(numbers(), { highWaterMark: ${highWaterMark} });
      iterator.next();
      console.log(
        nameOf(() => iterator.return(() => {})),
        nameOf(() => iterator.next().done),
        run(coroutine(async () => globalThis.hasCleanedUp)()),
      );`,
      'UncloneableError true true\n',
    ));
}

// The number in the message had 32 bits: it arrived as a view of the beginning.
test('a view behind the first 4 GiB of shared memory', inNode, () =>
  prints(
    `const memory = new SharedArrayBuffer(2 ** 32 + 64);
    const view = new Uint8Array(memory, 2 ** 32 + 8, 8);
    view[0] = 7;
    const first = coroutine(async (view) => [view.byteOffset - 2 ** 32, view.length, view[0], view]);
    const [offset, length, value, back] = run(first(view));
    console.log(offset, length, value, back.byteOffset - 2 ** 32, back[0]);`,
    '8 8 7 8 7\n',
  ),
);

// It was terminated after its last words to palitra, before those to the world.
test('exit listeners on the loop thread are heard to the end', inNode, () =>
  prints(
    `run(coroutine(async () => {
      process.on('exit', () => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
        for (let n = 0; n < 300; n++) console.log(n);
      });
    })());`,
    Array.from({ length: 300 }, (_, n) => `${n}\n`).join(''),
  ),
);

test("V8's coverage of what ran on the loop thread is written", inNode, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'palitra-coverage-'));
  try {
    await writeFile(join(folder, 'covered.mjs'), 'export const one = async () => 1;');
    await prints(
      `const { one } = coroutines(${JSON.stringify(join(folder, 'covered.mjs'))});
      console.log(run(one()));`,
      '1\n',
      { env: { NODE_V8_COVERAGE: join(folder, 'reports') } },
    );
    const names = await readdir(join(folder, 'reports'));
    const reports = await Promise.all(
      names.map((name) => readFile(join(folder, 'reports', name), 'utf8')),
    );
    deepEqual(
      reports.some((report) => report.includes('covered.mjs')),
      true,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

// Ports call back in the context in which they were made: that of whoever was the first to call.
test('what the first caller has in an AsyncLocalStorage is for nobody else, and not held', () =>
  prints(
    `import { AsyncLocalStorage } from 'node:async_hooks';
    const storage = new AsyncLocalStorage();
    const runner = new EventLoopThreadRunner();
    const ask = coroutine((callback) => new Promise((resolve) => setTimeout(resolve, 20, callback())));
    const enter = () => {
      const store = { name: 'first' };
      storage.run(store, () => runner.run(echo(1)));
      return new WeakRef(store);
    };
    const reference = enter();
    const seen = await storage.run({ name: 'second' }, () =>
      runner.createTask(ask(() => storage.getStore()?.name ?? 'none')));
    for (let round = 0; round < 50 && reference.deref() !== undefined; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      globalThis.gc();
    }
    console.log(seen !== 'first', reference.deref() === undefined);`,
    'true true\n',
    { nodeArgs: ['--expose-gc'] },
  ));

// The assignment of its name to the cause threw, and the text was lost.
test('an error that cannot cross keeps its text where Error.prototype is frozen', () =>
  prints(
    `const fail = coroutine(async () => {
      Object.freeze(Error.prototype);
      throw Object.assign(new Error('the text'), { callback() {} });
    });
    console.log(nameOf(() => { try { run(fail()); } catch (error) { return [error.name, error.cause?.message].join(); } }));`,
    'UncloneableError,the text\n',
  ));

test('nor what the first caller has on a thread that has joined', async () => {
  const { stdout, isHung } = await runThreads(
    `const runner = new EventLoopThreadRunner();
    const worker = start('joined', runner.share());
    while (said.length < 1) await sleep(1);
    console.log(said[0]);
    await worker.done;`,
    {
      joined: `
      const { AsyncLocalStorage } = await import('node:async_hooks');
      const storage = new AsyncLocalStorage();
      const connected = EventLoopThreadRunner.connect(data);
      const ask = palitra.coroutine((callback) =>
        new Promise((resolve) => setTimeout(() => resolve(callback()), 20)));
      storage.run('first', () => connected.run(palitra.coroutine(async () => 1)()));
      say(await storage.run('second', () =>
        connected.createTask(ask(() => storage.getStore() ?? 'none'))) !== 'first');`,
    },
  );
  deepEqual({ stdout, isHung }, { stdout: 'true\n', isHung: false });
});

// It took the place of the error, though what is hidden crosses only if it can.
test('an error with a hidden Response is still that error', () =>
  prints(
    `const fail = coroutine(async () => {
      const error = new TypeError('404');
      for (const [key, value] of Object.entries({ response: new Response('x'), signal: new AbortController().signal, n: 1 }))
        Object.defineProperty(error, key, { value });
      throw error;
    });
    console.log(nameOf(() => { try { run(fail()); } catch (error) { return [error.name, error.message, error.n].join(); } }));`,
    'TypeError,404,1\n',
  ));
