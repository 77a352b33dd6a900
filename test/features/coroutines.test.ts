import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';
import { Coroutine, coroutines, gather, isRunnerAlive, run } from 'palitra';
import { isDeno } from '../support/runtime.ts';
import { checkLeaks } from '../support/leaks.ts';
import { createProject } from '../support/project.ts';

type Arithmetic = typeof import('../fixtures/arithmetic.ts');

checkLeaks();

const fixture = new URL('../fixtures/arithmetic.js', import.meta.url);
const api = coroutines<Arithmetic>('../fixtures/arithmetic.js', import.meta);
const {
  users,
  Session,
  default: defaults,
} = coroutines<typeof import('../fixtures/namespaces.ts')>(
  '../fixtures/namespaces.js',
  import.meta,
);

test('calling a coroutine function makes a coroutine and runs nothing', () => {
  const coroutine = api.count();
  ok(coroutine instanceof Coroutine);
  equal(isRunnerAlive(), false);
  equal(run(api.countSoFar()), 0);
});

test('a function of the module runs with the arguments, asynchronous or not', () => {
  equal(run(api.add(1, 2)), 3);
  equal(run(api.double(21)), 42);
  equal(run(api.addAtOnce(1, 2)), 3);
});

test('the module is evaluated on the loop thread, and its functions run there', () => {
  const { evaluatedOn, runsOn } = run(api.where());
  equal(evaluatedOn, runsOn);
  notEqual(runsOn, threadId);
});

test('the module is evaluated once and keeps its state from call to call', () => {
  deepEqual([run(api.count()), run(api.count()), run(api.count())], [1, 2, 3]);
  const again = coroutines<Arithmetic>(fixture);
  equal(run(again.count()), 4);
});

test('a module that many coroutines need at the same moment is evaluated once', () => {
  deepEqual(gather(api.count(), api.count(), api.count()), [1, 2, 3]);
});

for (const [title, specifier, from] of [
  ['a relative path with import.meta', '../fixtures/arithmetic.js', import.meta],
  ['a relative path with the URL of a file', '../fixtures/arithmetic.js', new URL(import.meta.url)],
  [
    'a relative path with the URL of a file as a string',
    '../fixtures/arithmetic.js',
    import.meta.url,
  ],
  [
    'a relative path with the path of a file',
    '../fixtures/arithmetic.js',
    fileURLToPath(import.meta.url),
  ],
  ['a file: URL', fixture, undefined],
  ['a file: URL as a string', fixture.href, undefined],
  ['an absolute path', fileURLToPath(fixture), undefined],
] as const) {
  test(`a module can be named by ${title}`, () => {
    equal(run(coroutines<Arithmetic>(specifier, from).add(1, 2)), 3);
  });
}

test('every way of naming a file means the same module', () => {
  const names = [
    api,
    coroutines<Arithmetic>(fixture),
    coroutines<Arithmetic>(fileURLToPath(fixture)),
  ];
  deepEqual(
    names.map((name) => run(name.count())),
    [1, 2, 3],
  );
});

test('a data: URL is a module', () => {
  const module = 'data:text/javascript,export const triple = async (n) => 3 * n';
  equal(run(coroutines<{ triple(n: number): Promise<number> }>(module).triple(14)), 42);
  equal(run(coroutines<{ triple(n: number): Promise<number> }>(new URL(module)).triple(14)), 42);
});

test('a builtin needs neither a wrapper module nor a second argument', () => {
  const dns = coroutines<typeof import('node:dns/promises')>('node:dns/promises');
  ok(run(dns.lookup('localhost')).address);
  const bare = coroutines<typeof import('node:timers/promises')>('timers/promises');
  equal(run(bare.setTimeout(1, 'bare')), 'bare');
  const os = coroutines<typeof import('node:os')>('os', import.meta);
  equal(run(os.platform()), process.platform);
});

test('a builtin’s nested namespace and default export work', () => {
  const fs = coroutines<typeof import('node:fs')>('node:fs');
  const file = fileURLToPath(import.meta.url);
  match(run(fs.promises.readFile(file, 'utf8')), /nested namespace/);
  equal(run((fs as unknown as { default: typeof fs }).default.existsSync(file)), true);
});

test('a default export that is a function is called as api.default()', () => {
  equal(run(api.default(3, 2)), 1);
});

test('a default export that holds functions is a namespace', () => {
  equal(run(defaults.greet('Ada')), 'Hello, Ada');
  equal(run(defaults.nested.shout('ada')), 'ADA');
});

test('nested namespaces are followed, and their functions are called on their object', () => {
  equal(run(users.find(1)), 'Grace');
  equal(run(users.groups.count()), 2);
  equal(run(users.groups.admins.first()), 'Ada');
});

test('members of a namespace may be called like what every function has', () => {
  deepEqual(gather(users.name(), users.length(), users.call(), users.apply(), users.bind()), [
    'name',
    'length',
    'call',
    'apply',
    'bind',
  ]);
});

test('a class is constructed on the loop thread, and the result is a handle', () => {
  const session = run(new Session('http://host'));
  equal(run(session.get('/path')), 'http://host/path');
});

test('a static method of a class is a coroutine function', () => {
  equal(run(Session.open('db')), 'opened db');
});

test('a member is the same each time it is asked for', () => {
  equal(api.add, api.add);
  equal(users.find, users.find);
});

test('the namespace itself can be awaited, printed and serialised without harm', async () => {
  equal(await (api as unknown as Promise<unknown>), api);
  match(String(api), /coroutines of arithmetic\.js/);
  ok(inspect(api).length < 200);
  equal(JSON.stringify(api), '{}');
});

test('the coroutine is called after its file and function', () => {
  equal(String(api.add(1, 2)), 'coroutine arithmetic.js#add');
  equal(String(users.groups.count()), 'coroutine namespaces.js#users.groups.count');
  equal(
    String(coroutines<typeof import('node:os')>('node:os').uptime()),
    'coroutine node:os#uptime',
  );
});

test('a function that the module does not export is a TypeError that lists those it does', () => {
  const unknown = api as unknown as { subtact(a: number, b: number): Coroutine<number> };
  throws(
    () => run(unknown.subtact(1, 2)),
    (error: Error) => {
      ok(error instanceof TypeError);
      match(error.message, /arithmetic\.js exports no function "subtact"/);
      match(error.message, /add, addAtOnce/);
      return true;
    },
  );
});

test('an export that is no function is a TypeError that says what it is', () => {
  const unknown = api as unknown as { answer(): Coroutine<number> };
  throws(() => run(unknown.answer()), {
    name: 'TypeError',
    message: /"answer" \(it is of type number\)/,
  });
});

test('a module that is missing fails the call, and is found once it is there', async () => {
  const project = await createProject({});
  try {
    const late = coroutines<{ value(): number }>(project.url('late.mjs'));
    throws(
      () => run(late.value()),
      (error: Error & { code: string }) => {
        equal(error.code, 'ERR_MODULE_NOT_FOUND');
        // Who imported it is a `data:` URL that holds all of the loop thread's code.
        if (!isDeno) match(error.message, /late\.mjs' imported from .*coroutines\.test\.js$/);
        ok(!error.stack?.includes('data:'), error.stack?.slice(0, 500));
        return true;
      },
    );
    throws(() => run(late.value()), { code: 'ERR_MODULE_NOT_FOUND' });
    await writeFile(project.path('late.mjs'), 'export const value = () => 1');
    equal(run(late.value()), 1);
    equal(run(late.value()), 1);
  } finally {
    await project.remove();
  }
});

test('a module with a syntax error fails the call with it, and can be corrected', async () => {
  const project = await createProject({ 'typo.mjs': 'export const value = () => {' });
  try {
    const typo = coroutines<{ value(): number }>(project.url('typo.mjs'));
    // Deno throws a TypeError that says SyntaxError.
    throws(() => run(typo.value()), isDeno ? /SyntaxError/ : SyntaxError);
    await writeFile(project.path('typo.mjs'), 'export const value = () => 1');
    equal(run(typo.value()), 1);
  } finally {
    await project.remove();
  }
});

test('a module that throws while it is evaluated fails the call with that error, and may be retried', () => {
  const broken = coroutines<typeof import('../fixtures/broken-import.ts')>(
    '../fixtures/broken-import.js',
    import.meta,
  );
  throws(() => run(broken.imports()), /import number 1 fails/);
  throws(() => gather(broken.imports(), broken.imports()), /import number 2 fails/);
  equal(run(broken.imports()), 3);
});

test('after a failed import of one module the others work', () => {
  const missing = coroutines<{ value(): number }>(new URL('missing.mjs', import.meta.url));
  throws(() => run(missing.value()));
  equal(run(api.add(1, 2)), 3);
});

test('URLs with different queries are different modules, as in import', () => {
  const one = coroutines<Arithmetic>('../fixtures/arithmetic.js?one', import.meta);
  const two = coroutines<Arithmetic>('../fixtures/arithmetic.js?two', import.meta);
  deepEqual([run(one.count()), run(one.count()), run(two.count())], [1, 2, 1]);
});

test('twenty functions of five modules share one loop thread and the state of their modules', async () => {
  const files: Record<string, string> = {
    'state.mjs': 'export const log = [];',
  };
  const modules = ['a', 'b', 'c', 'd', 'e'];
  const names = ['f1', 'f2', 'f3', 'f4'];
  for (const module of modules) {
    files[`${module}.mjs`] =
      `import { log } from './state.mjs';\nimport { threadId } from 'node:worker_threads';\n` +
      names
        .map(
          (name) =>
            `export async function ${name}() { log.push('${module}.${name}'); return [threadId, log.length]; }`,
        )
        .join('\n');
  }
  const project = await createProject(files);
  try {
    const calls = modules.flatMap((module) => {
      const namespace = coroutines<Record<string, () => Promise<[number, number]>>>(
        project.url(`${module}.mjs`),
      );
      return names.map((name) => namespace[name]!());
    });
    const results = calls.map((call) => run(call));
    equal(results.length, 20);
    equal(new Set(results.map(([thread]) => thread)).size, 1);
    deepEqual(
      results.map(([, length]) => length),
      results.map((_, index) => index + 1),
    );
  } finally {
    await project.remove();
  }
});
