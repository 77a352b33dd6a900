import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isBun, runProgram } from '../../test-support/child.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const version = process.env.PALITRA_RUNTIME_VERSION ?? process.versions.node;
const stripsTypes = !version.startsWith('20.');

const PRELUDE = `
import * as synckit from '@palitra/synckit';
const { createSyncFn } = synckit;
const at = (name) => new URL('../fixtures/' + name, import.meta.url);
const said = [];
const show = (...values) => said.push(...values);
const attempt = (fn, ...args) => {
  try {
    return { value: fn(...args) };
  } catch (error) {
    return { error };
  }
};
process.on('exit', () => console.log('SAID' + JSON.stringify(said)));
`;

/** What a program showed; everything else that it printed is left in \`stdout\`. */
async function shown(source, options) {
  const outcome = await runProgram(here, `${PRELUDE}${source}`, options);
  const { stdout, stderr, isHung, code } = outcome;
  ok(!isHung, `it hung: ${stdout}${stderr}`);
  const [before, json] = stdout.split('SAID');
  ok(json !== undefined && code === 0, `exit code ${code}: ${stdout}${stderr}`);
  return { said: JSON.parse(json), stdout: before, stderr };
}
const said = async (source, options) => (await shown(source, options)).said;

test('a function of a worker file is called by URL, by the text of a URL, and by path', async () => {
  deepStrictEqual(
    await said(`
      const { fileURLToPath } = await import('node:url');
      const add = createSyncFn(at('worker.mjs'));
      show(add('add', 1, 2));
      show(createSyncFn(at('worker.mjs').href) === add, createSyncFn(fileURLToPath(at('worker.mjs'))) === add);
      show(attempt(createSyncFn, './worker.mjs').error.message);
      show(add('count'), add('count'));
    `),
    [3, true, true, '`workerPath` must be absolute', 1, 2],
  );
});

test('a program in CommonJS requires it, and calls a worker file in CommonJS', async () => {
  const { stdout, isHung, stderr } = await runProgram(
    here,
    `const { createSyncFn } = require('@palitra/synckit');
     console.log(createSyncFn(require.resolve('../fixtures/worker.cjs'))('a', 'b'));`,
    { type: 'cjs' },
  );
  ok(!isHung);
  strictEqual(stdout, 'ab by require\n', stderr);
  strictEqual(stderr, '');
});

test('a worker file that is imported off the loop thread does nothing', async () => {
  deepStrictEqual(await said(`await import(at('worker.mjs')); show('imported');`), ['imported']);
});

test('a worker file may register its function later', async () => {
  deepStrictEqual(await said(`show(createSyncFn(at('late.mjs'))());`), ['registered late']);
});

test('a worker file that cannot be loaded is an error of every call', async () => {
  deepStrictEqual(
    await said(`
      for (const name of ['broken.mjs', 'missing.mjs']) {
        const fn = createSyncFn(at(name));
        for (let i = 0; i < 2; i++) show(attempt(fn).error.message.split(at('').pathname)[0].slice(0, 18));
      }
    `).then((all) => all.slice(0, 2)),
    ['broken while it is', 'broken while it is'],
  );
});

test('two worker files share no state', async () => {
  deepStrictEqual(
    await said(`
      const { copyFileSync } = await import('node:fs');
      const { fileURLToPath } = await import('node:url');
      copyFileSync(at('worker.mjs'), fileURLToPath(new URL('./other.mjs', import.meta.url)));
      const first = createSyncFn(at('worker.mjs'));
      const second = createSyncFn(new URL('./other.mjs', import.meta.url));
      first('count');
      first('setEnv', 'OF_FIRST', 'set');
      show(first('count'), second('count'));
      show(first('env', 'OF_FIRST'), second('env', 'OF_FIRST') ?? null, process.env.OF_FIRST ?? null);
    `),
    [2, 1, 'set', null, null],
  );
});

test('timeout as a number, as an option and by SYNCKIT_TIMEOUT gives synckit’s error, and the next call works', async () => {
  const program = (given) => `
    const fn = createSyncFn(at('worker.mjs')${given});
    fn('add', 1, 1);
    const { error } = attempt(fn, 'forget');
    show(error instanceof Error, error.message, error.cause.name);
    show(fn('add', 1, 2));
  `;
  const expected = [true, 'Internal error: Atomics.wait() failed: timed-out', 'TimeoutError', 3];
  deepStrictEqual(await said(program(', 3_000')), expected);
  deepStrictEqual(await said(program(', { timeout: 3_000 }')), expected);
  deepStrictEqual(await said(program(''), { env: { SYNCKIT_TIMEOUT: '3000' } }), expected);
});

test('a timeout of zero has passed already, and one that is no number is none', async () => {
  deepStrictEqual(
    await said(`
      show(attempt(synckit.startWorkerThread(synckitPath(), { timeout: 0 }), 'forget').error.message);
      show(synckit.startWorkerThread(synckitPath(), { timeout: NaN })('add', 1, 1));
      function synckitPath() { return decodeURIComponent(at('worker.mjs').pathname); }
    `),
    ['Internal error: Atomics.wait() failed: timed-out', 2],
  );
});

test('a worker that computes without end is replaced after the timeout', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'), 10_000);
      fn('add', 1, 1);
      show(attempt(fn, 'spin').error.message);
      show(fn('add', 1, 2));
    `),
    ['Internal error: Atomics.wait() failed: timed-out', 3],
  );
});

test('a coroutine that nothing can settle any more is an error instead of a hang', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'));
      show(attempt(fn, 'forget').error.name, fn('add', 1, 2));
    `),
    ['NeverSettledError', 3],
  );
});

test('process.exit in the worker is an error, and the next call works', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'));
      show(attempt(fn, 'exit', 3).error.message, fn('add', 1, 2));
    `),
    ['Worker exited with code 3', 3],
  );
});

test(
  'a worker that runs out of memory is an error, and the next call works',
  { skip: isBun && 'Bun has no limits on the memory of a thread' },
  async () => {
    deepStrictEqual(
      await said(
        `
      const fn = createSyncFn(at('worker.mjs'));
      show(fn('add', 1, 1), attempt(fn, 'fill').error.name, fn('add', 1, 2));
    `,
        { args: ['--max-old-space-size=96'] },
      ),
      [2, 'LoopThreadError', 3],
    );
  },
);

test('an error in a timer is that of the call in flight, or of the next one, and the state stays', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'));
      fn('count');
      const { error } = attempt(fn, 'inTimer');
      show(error instanceof RangeError, error.message, fn('count'));
      fn('later', 1);
      show(attempt(fn, 'sleep', 60_000).error.message, fn('count'));
    `),
    [true, 'thrown by a timer', 2, 'thrown by a timer', 3],
  );
});

test('a value that cannot be cloned is a DataCloneError, and spoils nothing', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'));
      for (const args of [['uncloneable'], ['echo', Symbol('s')], ['throws.uncloneable']]) {
        const { error } = attempt(fn, ...args);
        show(error instanceof DOMException, error.name, fn('add', 1, 2));
      }
    `),
    [true, 'DataCloneError', 3, true, 'DataCloneError', 3, true, 'DataCloneError', 3],
  );
});

test('errors arrive with class, properties and cause, and what is falsy is thrown as it is', async () => {
  deepStrictEqual(
    await said(`
      const fn = createSyncFn(at('worker.mjs'));
      for (const value of [0, '', null, false]) show('error' in attempt(fn, 'throws.falsy', value), attempt(fn, 'throws.falsy', value).error);
      show('error' in attempt(fn, 'throws.falsy', undefined));
      const both = attempt(fn, 'throws.aggregate').error;
      show(both instanceof AggregateError, both.errors[0] instanceof TypeError, both.errors[1].message);
      const gone = attempt(fn, 'throws.dom').error;
      show(gone instanceof DOMException, gone.name, gone.code);
      const syntax = attempt(fn, 'throws.withProperties').error;
      show(syntax instanceof SyntaxError, syntax.loc.line, syntax.codeFrame);
    `),
    [
      true,
      0,
      true,
      '',
      true,
      null,
      true,
      false,
      true,
      true,
      true,
      'two',
      true,
      'AbortError',
      20,
      true,
      3,
      '> 3',
    ],
  );
});

test('what the worker prints is complete, in order, and goes through the caller’s streams', async () => {
  const { said, stdout, stderr } = await shown(`
    const fn = createSyncFn(at('worker.mjs'));
    console.log('before');
    fn('print', 'first', 'second');
    console.log('after');
    const { write } = process.stdout;
    const caught = [];
    process.stdout.write = (chunk) => caught.push(String(chunk));
    fn('print', 'third');
    process.stdout.write = write;
    show(caught.join(''));
  `);
  strictEqual(stdout, 'before\nfirst\nsecond\nafter\n');
  strictEqual(stderr, 'to stderr\nto stderr\n');
  deepStrictEqual(said, ['third\n']);
});

test(
  'execArgv and SYNCKIT_EXEC_ARGV are the options of the thread, which has none of its parent’s',
  { skip: isBun && 'Bun has no options for a thread' },
  async () => {
    deepStrictEqual(
      await said(
        `
      const worker = decodeURIComponent(at('worker.mjs').pathname);
      show(synckit.startWorkerThread(worker)('argv'));
      show(synckit.startWorkerThread(worker, { execArgv: ['--no-deprecation'] })('argv'));
    `,
        { args: ['--no-warnings'] },
      ),
      [[], ['--no-deprecation']],
    );
    deepStrictEqual(
      await said(`show(createSyncFn(at('worker.mjs'))('argv'));`, {
        env: { SYNCKIT_EXEC_ARGV: '--no-deprecation,--no-warnings' },
      }),
      [['--no-deprecation', '--no-warnings']],
    );
  },
);

test('globalShims set globals before the worker file is loaded, in both module systems', async () => {
  deepStrictEqual(
    await said(`
      const shims = [{ moduleName: 'node:os', globalName: 'shimmed', named: 'EOL' }, { moduleName: 'is-not-there', globalName: 'other' }];
      const path = (name) => decodeURIComponent(at(name).pathname);
      show(synckit.startWorkerThread(path('worker.mjs'), { globalShims: shims.map((shim) => ({ ...shim, globalName: 'EOL', conditional: false })) })('global', 'EOL'));
      show(typeof synckit.startWorkerThread(path('worker.mjs'), { globalShims: true })('global', 'Object'));
      show(synckit.startWorkerThread(path('shimmed.cjs'), { globalShims: shims })());
    `),
    ['\n', 'object', '\n'],
  );
});

test('transferList moves what is in it when the thread starts', async () => {
  deepStrictEqual(
    await said(`
      const buffer = new ArrayBuffer(8);
      show(createSyncFn(at('worker.mjs'), { transferList: [buffer] })('add', 1, 2), buffer.byteLength);
    `),
    [3, 0],
  );
});

test('a worker file in TypeScript runs with type stripping, and with the runner that is named', async () => {
  if (stripsTypes) {
    deepStrictEqual(await said(`show(createSyncFn(at('typed.mts'))({ name: 'a' }));`), ['hello a']);
    deepStrictEqual(await said(`show(createSyncFn(at('typed.cts'))('b'));`), ['hello b']);
  }
  const unknown = `show(attempt(createSyncFn, at('typed.mts'), { tsRunner: 'what' }).error.message);`;
  deepStrictEqual(await said(unknown), ['Unknown ts runner: what']);
  const bySetting = `show(attempt(createSyncFn, at('typed.mts')).error.message);`;
  deepStrictEqual(await said(bySetting, { env: { SYNCKIT_TS_RUNNER: 'else' } }), [
    'Unknown ts runner: else',
  ]);
});

test('setupTsRunner gives each runner the options of Node that it needs', async () => {
  deepStrictEqual(
    await said(`
      const path = decodeURIComponent(at('typed.mts').pathname);
      for (const tsRunner of ['tsx', 'oxc', 'swc', 'ts-node', 'esbuild-register']) show(synckit.setupTsRunner(path, { execArgv: [], tsRunner }).execArgv);
      show(synckit.setupTsRunner(path.replace('.mts', '.mjs'), { execArgv: [], tsRunner: 'tsx' }).isTs);
    `),
    [
      ['--import', 'tsx'],
      ['--import', '@oxc-node/core/register'],
      ['--import', '@swc-node/register/esm-register'],
      ['--loader', 'ts-node/esm'],
      ['--loader', 'esbuild-register/loader'],
      true,
    ],
  );
});

test('a worker file calls another one', async () => {
  deepStrictEqual(await said(`show(createSyncFn(at('nested.mjs'))(1, 2));`), ['3 by another']);
});

test('a function that was never called, or is still at work, does not hold up the end of the program', async () => {
  const start = performance.now();
  deepStrictEqual(
    await said(`
      createSyncFn(at('worker.mjs'), { timeout: 3_000 });
      show('ended');
    `),
    ['ended'],
  );
  ok(performance.now() - start < 100_000);
});

test('it exports what synckit exports', async () => {
  const [names] = await said(`show(Object.keys(synckit).sort());`);
  deepStrictEqual(names, EXPORTS);
});

/** Of synckit 0.12.3. */
const EXPORTS = `
  DEFAULT_EXEC_ARGV DEFAULT_GLOBAL_SHIMS DEFAULT_GLOBAL_SHIMS_PRESET DEFAULT_TIMEOUT
  DEFAULT_TS_RUNNER DEFAULT_TYPES_NODE_VERSION EXPERIMENTAL_LOADER_FLAG FEATURE_TYPESCRIPT_NODE_VERSION
  IMPORT_FLAG IMPORT_FLAG_SUPPORTED LOADER_FLAG LOADER_FLAGS
  MODULE_REGISTER_SUPPORTED MTS_SUPPORTED NODE_OPTIONS NODE_VERSION
  NO_STRIP_TYPES NO_STRIP_TYPES_FLAG REQUIRE_ABBR_FLAG REQUIRE_FLAG
  REQUIRE_FLAGS STRIP_TYPES_FLAG STRIP_TYPES_NODE_VERSION TRANSFORM_TYPES_FLAG
  TRANSFORM_TYPES_NODE_VERSION TS_ESM_PARTIAL_SUPPORTED TsRunner _generateGlobals
  compareNodeVersion compareVersion createSyncFn dataUrl
  encodeImportModule extractProperties generateGlobals hasFlag
  hasImportFlag hasLoaderFlag hasRequireFlag isFile
  md5Hash overrideStdio parseVersion runAsWorker
  setupTsRunner startWorkerThread
`
  .trim()
  .split(/\s+/);
