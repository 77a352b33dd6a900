import { test } from 'node:test';
import { equal, match, ok, throws } from 'node:assert/strict';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  coroutine,
  coroutines,
  createTask,
  gather,
  isRunnerAlive,
  iterate,
  run,
  start,
} from 'palitra';
import { fixtures, runScript } from '../support/child.ts';

const anything = (value: unknown): never => value as never;
const api = coroutines<typeof import('../fixtures/arithmetic.ts')>(
  '../fixtures/arithmetic.js',
  import.meta,
);
const namespaces = coroutines<typeof import('../fixtures/namespaces.ts')>(
  '../fixtures/namespaces.js',
  import.meta,
);
const named = coroutine(async function load(n: number) {
  return n;
});
const nameless = coroutine(async () => 1);

const CALLERS = { run, gather, createTask, start, iterate } as Record<
  string,
  (value: never) => unknown
>;

for (const [caller, call] of Object.entries(CALLERS)) {
  test(`${caller}() of a coroutine function that was not called shows the call to write`, () => {
    for (const [value, shown] of [
      [api.add, `${caller}(api.add(…))`],
      [namespaces.users.groups.admins.first, `${caller}(api.users.groups.admins.first(…))`],
      [named, `${caller}(load(…))`],
      [nameless, `${caller}(fn(…))`],
    ] as const) {
      throws(
        () => call(anything(value)),
        (error: Error) => {
          equal(error.name, 'TypeError');
          ok(error.message.endsWith(`Call it: ${shown}.`), error.message);
          return true;
        },
      );
    }
  });
}

test('none of that has started a loop thread', () => {
  equal(isRunnerAlive(), false);
});

test('a coroutine, a module of them and what makes them are one readable line in a console', () => {
  equal(inspect(api.add(1, 2)), 'coroutine arithmetic.js#add');
  equal(inspect(api), '[coroutines of arithmetic.js]');
  equal(inspect(api.add), '[coroutine function arithmetic.js#add]');
  equal(inspect(namespaces.users), '[coroutine function namespaces.js#users]');
  equal(inspect(named), '[coroutine function load]');
  equal(inspect(nameless()), 'coroutine (inline)');
  equal(
    inspect({ api, call: api.double(1) }, { breakLength: Infinity }),
    '{ api: [coroutines of arithmetic.js], call: coroutine arithmetic.js#double }',
  );
  equal(
    `${String(api)} ${String(api.add)} ${String(named)}`,
    `${inspect(api)} ${inspect(api.add)} ${inspect(named)}`,
  );
});

test('console.log shows them so on every runtime', async () => {
  const { stdout, code } = await runScript(`
    import { coroutines } from 'palitra';
    const api = coroutines('./arithmetic.js', import.meta);
    console.log(api);
    console.log(api.add);
    console.log(api.add(1, 2));
  `);
  equal(code, 0);
  equal(
    stdout,
    '[coroutines of arithmetic.js]\n[coroutine function arithmetic.js#add]\ncoroutine arithmetic.js#add\n',
  );
});

test('the error of a missing module names the file that asked for it', async () => {
  const { stdout, code } = await runScript(`
    import { coroutines, run } from 'palitra';
    const messageOf = (api) => {
      try { run(api.load()); } catch (error) { return error.message; }
    };
    console.log(messageOf(coroutines('./missing.js', import.meta)));
    console.log(messageOf(coroutines('./missing.js', import.meta.url)));
    console.log(messageOf(coroutines(new URL('./missing.js', import.meta.url))));
  `);
  equal(code, 0);
  const lines = stdout.trim().split('\n');
  equal(lines.length, 3);
  for (const line of lines) {
    match(line, /missing\.js/);
    match(line, /main\.mjs/);
  }
});

test('two files that ask for the same missing module are both named', async () => {
  const folder = await mkdtemp(join(fixtures, 'asking-'));
  try {
    for (const name of ['one', 'two']) {
      await writeFile(
        join(folder, `${name}.mjs`),
        `import { coroutines } from 'palitra'; export const api = coroutines('./missing.js', import.meta);`,
      );
    }
    for (const name of ['one', 'two']) {
      const { api: asked } = (await import(join(folder, `${name}.mjs`))) as { api: typeof api };
      throws(() => run(asked.add(1, 2)), {
        message: new RegExp(`missing\\.js.*from .*${name}\\.mjs`),
      });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
