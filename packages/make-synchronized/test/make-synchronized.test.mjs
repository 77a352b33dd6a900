import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../test-support/child.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

const PRELUDE = `
import makeSynchronized, * as all from '@palitra/make-synchronized';
const { makeDefaultExportSynchronized, makeInlineFunctionSynchronized, makeModuleSynchronized } = all;
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

async function shown(source) {
  const { stdout, stderr, isHung, code } = await runProgram(here, `${PRELUDE}${source}`);
  ok(!isHung, `it hung: ${stdout}${stderr}`);
  const [before, json] = stdout.split('SAID');
  ok(json !== undefined && code === 0, `exit code ${code}: ${stdout}${stderr}`);
  return { said: JSON.parse(json), stdout: before };
}
const said = async (source) => (await shown(source)).said;

test('a module whose default export is a function is that function, with the exports as properties', async () => {
  deepStrictEqual(
    await said(`
      const module = makeSynchronized(at('module.mjs'));
      show(typeof module, module('you'), module.limit, module.nothing, module.count(), module.count());
      show(module.count === module.count, module.default('me'), module.date.getTime());
    `),
    ['function', 'hello you', 10, null, 1, 2, true, 'hello me', 0],
  );
});

test('a module without such an export is an object like its namespace', async () => {
  deepStrictEqual(
    await said(
      `
      const module = makeSynchronized(at('named.mjs'));
      show(typeof module, Object.keys(module), module.one() + module.two(), 'one' in module, String(module));
    `.replace(', String(module)', ', module[Symbol.toStringTag], Object.getPrototypeOf(module)'),
    ),
    ['object', ['one', 'two'], 3, true, 'Module', null],
  );
});

test('makeModuleSynchronized gives all exports, makeDefaultExportSynchronized the default one', async () => {
  deepStrictEqual(
    await said(`
      const module = makeModuleSynchronized(at('module.mjs'));
      show(module.default('a'), makeDefaultExportSynchronized(at('module.mjs'))('b'), Object.keys(module).includes('limit'));
    `),
    ['hello a', 'hello b', true],
  );
});

test('a module is given by URL, import.meta, filename, path, or the name of a builtin', async () => {
  deepStrictEqual(
    await said(`
      const { fileURLToPath } = await import('node:url');
      const url = at('named.mjs');
      for (const module of [url, url.href, { url: url.href }, { href: url.href }, { filename: fileURLToPath(url) }, fileURLToPath(url)])
        show(makeModuleSynchronized(module).one());
      show(makeModuleSynchronized('node:path').basename('/a/b'));
      show(attempt(makeModuleSynchronized, './named.mjs').error.message);
    `),
    [
      1,
      1,
      1,
      1,
      1,
      1,
      'b',
      "'module' should be an 'URL', 'import.meta' or an absolute path, got ''./named.mjs''.",
    ],
  );
});

test('nested objects have their values, and their functions are called on them', async () => {
  deepStrictEqual(
    await said(`
      const { nested, bare } = makeModuleSynchronized(at('module.mjs'));
      show(nested.value, nested.load(1), nested.deeper.load(4), Object.keys(nested), bare.load(), Object.getPrototypeOf(bare));
    `),
    ['v', 'v1', 8, ['value', 'load', 'deeper'], 'bare', null],
  );
});

test('a function written in place, and its source text, are made synchronous', async () => {
  deepStrictEqual(
    await said(`
      show(makeSynchronized(async (n) => n * 2)(21));
      show(makeInlineFunctionSynchronized('async (a) => (await import("node:path")).basename(a)')('/a/b'));
    `),
    [42, 'b'],
  );
});

test('a module makes its own exports synchronous', async () => {
  deepStrictEqual(
    await said(`
      const { default: double } = await import(at('self-default.mjs'));
      show(double(4));
      const { foo, bar, third } = await import(at('self-named.mjs'));
      show(foo(), bar(), third());
      const { default: triple } = await import(at('self-default.cjs'));
      show(triple(3));
    `),
    [[8, false], 'foo', 'bar', 'third', 9],
  );
});

test('it can be required', async () => {
  const { stdout, stderr, isHung } = await runProgram(
    here,
    `const { default: makeSynchronized, makeModuleSynchronized } = require('@palitra/make-synchronized');
     console.log(makeModuleSynchronized(require.resolve('../fixtures/named.mjs')).one(), makeSynchronized(async () => 2)());`,
    { type: 'cjs' },
  );
  ok(!isHung);
  strictEqual(stdout, '1 2\n', stderr);
  strictEqual(stderr, '');
});

test('errors arrive with class and properties, and what is falsy is thrown as it is', async () => {
  deepStrictEqual(
    await said(`
      const module = makeModuleSynchronized(at('module.mjs'));
      const { error } = attempt(module.failsWithProperties);
      show(error instanceof SyntaxError, error.loc.line);
      for (const value of [0, '', null, undefined]) show('error' in attempt(module.fails, value), attempt(module.fails, value).error ?? null);
      const both = attempt(module.fails, new AggregateError([new RangeError('one')], 'both')).error;
      show(both instanceof AggregateError, both.errors[0] instanceof RangeError);
      const gone = attempt(module.fails, new DOMException('gone', 'AbortError')).error;
      show(gone instanceof DOMException, gone.name);
    `),
    [true, 3, true, 0, true, '', true, null, true, null, true, true, true, 'AbortError'],
  );
});

test('a value that cannot be cloned is the original’s error, and spoils nothing', async () => {
  deepStrictEqual(
    await said(`
      const module = makeModuleSynchronized(at('module.mjs'));
      const result = attempt(module.returnsFunction).error;
      show(result.message.split('\\n')[0], module.echo(1));
      const argument = attempt(module.echo, Symbol('s')).error;
      show(argument.name, argument.message.split('\\n')[0], module.echo(2));
    `),
    ['Cannot serialize worker response:', 1, 'DataCloneError', 'Cannot serialize request data:', 2],
  );
});

test('process.exit in the module ends its thread: an error, and the next call works', async () => {
  deepStrictEqual(
    await said(`
      const module = makeModuleSynchronized(at('module.mjs'));
      show(attempt(module.exit, 3).error.name, module.echo('still here'), process.exitCode ?? null);
    `),
    ['LoopThreadError', 'still here', null],
  );
});

test('what nothing can settle any more is an error instead of a hang', async () => {
  deepStrictEqual(
    await said(`
      const module = makeModuleSynchronized(at('module.mjs'));
      show(attempt(module.never).error.name, module.echo('still here'));
    `),
    ['NeverSettledError', 'still here'],
  );
});

test('what the module prints is complete and in order', async () => {
  const { stdout } = await shown(`
    const module = makeModuleSynchronized(at('module.mjs'));
    console.log('before');
    module.print('one', 'two');
    console.log('after');
  `);
  strictEqual(stdout, 'before\none\ntwo\nafter\n');
});

test('it exports what make-synchronized exports', async () => {
  deepStrictEqual(await said(`show(...Object.keys(all).sort());`), [
    'default',
    'makeDefaultExportSynchronized',
    'makeInlineFunctionSynchronized',
    'makeModuleSynchronized',
    'makeSynchronized',
    'makeSynchronizedFunction',
    'makeSynchronizedFunctions',
  ]);
});
