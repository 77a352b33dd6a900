import { test } from 'node:test';
import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { coroutine, Coroutine, gather, isRunnerAlive, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

const add = coroutine(async (a: number, b: number) => a + b);

test('a function written in place runs on the loop thread', () => {
  const where = coroutine(async () => (await import('node:worker_threads')).threadId);
  notEqual(run(where()), threadId);
  equal(run(add(1, 2)), 3);
});

test('calling it makes a coroutine and runs nothing', () => {
  ok(add(1, 2) instanceof Coroutine);
  equal(isRunnerAlive(), false);
});

test('a function that is not asynchronous works as well', () => {
  equal(run(coroutine((n: number) => n + 1)(41)), 42);
});

const methods = {
  plain(n: number) {
    return n + 1;
  },
  async asynchronous(n: number) {
    return n + 1;
  },
  async 'a name with spaces'(n: number) {
    return n + 1;
  },
  async [`computed${1 + 1}`](n: number) {
    return n + 1;
  },
};

for (const [title, fn] of Object.entries<(n: number) => number | Promise<number>>({
  'an arrow function': (n) => n + 1,
  'an arrow function with a body': async (n) => {
    return n + 1;
  },
  'a function expression': function (n) {
    return n + 1;
  },
  'a named function expression that calls itself': function countUp(n): number {
    return n < 42 ? countUp(n + 1) : n;
  },
  'an asynchronous function expression': async function (n) {
    return n + 1;
  },
  'a method': methods.plain,
  'an asynchronous method': methods.asynchronous,
  'a method whose name is a string': methods['a name with spaces'],
  'a method whose name is computed from literals': methods['computed2'],
  'a function with defaults, patterns and a rest': (n, { step = 1 } = {}, ...rest: number[]) =>
    n + step + rest.length,
  'a function with regular expressions, templates and comments': (n) => {
    // } not the end
    const text = `${n} }`;
    /* { nor the beginning */
    return Number(/^\d+/.exec(text)![0]) + 1; // end
  },
})) {
  test(`${title} can be shipped`, () => {
    equal(run(coroutine(fn)(41)), 42);
  });
}

test('it may be run again and again, and concurrently', () => {
  deepEqual(gather([1, 2, 3].map((n) => add(n, n))), [2, 4, 6]);
  deepEqual(
    [1, 2, 3].map((n) => run(add(n, n))),
    [2, 4, 6],
  );
});

test('import() inside it resolves as if written in the file that called coroutine()', () => {
  const viaFixture = coroutine(async (n: number) =>
    (await import('../fixtures/arithmetic.js')).double(n),
  );
  equal(run(viaFixture(21)), 42);
  const viaPackage = coroutine(async () => (await import('palitra/loop')).isLoopThread());
  equal(run(viaPackage()), true);
});

test('a captured variable is named, with the advice to pass it as an argument', () => {
  // No constant: Bun would write the number into the function.
  const limit = Number('3');
  const capturing = coroutine(async (n: number) => n < limit);
  throws(
    () => run(capturing(1)),
    (error: Error) => {
      ok(error instanceof ReferenceError);
      match(error.message, /limit is not defined/);
      match(error.message, /pass limit as an argument/);
      return true;
    },
  );
});

test('a captured variable is named in a function that is not asynchronous, too', () => {
  const limit = Number('3');
  throws(() => run(coroutine((n: number) => n < limit)(1)), {
    name: 'ReferenceError',
    message: /pass limit as an argument/,
  });
});

/** As a tool would have rewritten the function: what it writes is in no type. */
function rewritten(source: string): () => Coroutine<unknown> {
  return coroutine(runInThisContext(`(${source})`) as () => unknown);
}

for (const [tool, variable] of [
  ['A coverage tool', 'cov_1a2b3c4d'],
  ['Vite or Vitest', '__vi_import_0__'],
  ['webpack', '__webpack_require__'],
  ['A compiler for older targets or CommonJS', '_interopRequireWildcard'],
]) {
  test(`a variable that ${tool} has written into the function is named, with what to do instead`, () => {
    throws(
      () => run(rewritten(`async () => { ${variable}().f[0]++; return 1; }`)()),
      (error: Error) => {
        ok(error instanceof ReferenceError);
        ok(error.message.startsWith(`${variable} is not defined. ${tool}`), error.message);
        match(error.message, /into a module of its own and use coroutines\('/);
        equal(error.stack!.split(error.message).length, 2, error.stack);
        return true;
      },
    );
  });
}

test('functions that esbuild or tsx has given their names run all the same', () => {
  const named = `async (n) => { const half = /* @__PURE__ */ __name((x) => x / 2, 'half'); return half(84); }`;
  equal(run(rewritten(named)()), 42);
  equal(run(rewritten(`${named}/* another */`)()), 42);
});

test('import() of a builtin works as Vite has rewritten it', () => {
  const imports = `async () => (await __vite_ssr_dynamic_import__('node:path')).sep.length`;
  equal(run(rewritten(imports)()), 1);
});

test('assigning to a captured variable is an error, never a new global', () => {
  let total = 0;
  const assigning = coroutine(async (n: number) => {
    total = n;
  });
  throws(() => run(assigning(1)), { name: 'ReferenceError', message: /total/ });
  equal(total, 0);
});

test('it is strict code, as in a module: `this` is undefined', () => {
  const self = coroutine(async function (this: unknown) {
    return this === undefined;
  });
  equal(run(self()), true);
});

test('a ReferenceError that is none of a captured variable stays as it is', () => {
  const early = coroutine(async () => {
    const before = (): number => late;
    const value = before();
    const late = 1;
    return value + late;
  });
  throws(() => run(early()), {
    name: 'ReferenceError',
    message: /Cannot access 'late' before initialization/,
  });
});

test('the coroutine is called after the function', () => {
  equal(String(coroutine(async function greet() {})()), 'coroutine greet');
  equal(String(coroutine(async () => 1)()), 'coroutine (inline)');
});

test('shipping a function prints no warning of the platform’s', async () => {
  const { runScript } = await import('../support/child.ts');
  const { code, stdout, stderr } = await runScript(`
    import { coroutine, run } from 'palitra';
    console.log(run(coroutine(async () => (await import('./arithmetic.js')).add(1, 2))()));`);
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: '3\n', stderr: '' });
});

for (const [title, source] of Object.entries({
  'an arrow function': 'async (n) => n + 1',
  'a named function': '  async function next(n) { return n + 1; }',
  'a method in shorthand': 'async next(n) { return n + 1; }',
  'a function that ends with a comment': '(n) => n + 1 // so be it',
})) {
  test(`the source text of ${title} will do`, () => {
    equal(run(coroutine<(n: number) => Promise<number>>(source)(41)), 42);
  });
}

test('a coroutine of source text is called as its function', () => {
  equal(String(coroutine('async function* rows() {}')()), 'coroutine rows');
  equal(String(coroutine('async load() {}')()), 'coroutine load');
  equal(String(coroutine('async () => 1')()), 'coroutine (inline)');
  equal(String(coroutine('async(n) => 1')()), 'coroutine (inline)');
});

test('source text that is none of a function is an error at once, or says so when it runs', () => {
  throws(() => coroutine('async () =>'), {
    name: 'SyntaxError',
    message: /source text of a function.*This is none/,
  });
  throws(() => coroutine(' '), { name: 'TypeError', message: /not an empty one/ });
  throws(() => coroutine('class A {}'), { name: 'TypeError', message: /export the class/ });
  throws(() => run(coroutine('41 + 1')()), {
    name: 'TypeError',
    message: /of type number, not of a function/,
  });
});

test('import() resolves in the file that is given as from', () => {
  const where = `async () => (await import('./arithmetic.js')).add(1, 2)`;
  const arithmetic = new URL('../fixtures/arithmetic.js', import.meta.url);
  for (const from of [arithmetic, arithmetic.href, fileURLToPath(arithmetic)]) {
    equal(run(coroutine(where, from)()), 3);
  }
  throws(() => run(coroutine(where, import.meta)()), { code: 'ERR_MODULE_NOT_FOUND' });
  throws(() => run(coroutine(where)()), { code: 'ERR_MODULE_NOT_FOUND' });
});

test('a from that says no file is a TypeError', () => {
  throws(() => coroutine(async () => 1, './api.js'), {
    name: 'TypeError',
    message: /coroutine\(fn, …\).*import\.meta/,
  });
});
