import vm from 'node:vm';
import { callerFile } from './caller/caller-file.ts';
import { originUrl, type ModuleOrigin } from './caller/resolve.ts';
import { sourceProperties } from './coroutine-source.ts';
import { Coroutine } from './coroutine.ts';
import type { CoroutineFunction } from './types.ts';
import type { InlineTarget } from './wire/messages.ts';

/**
 * Makes a coroutine function of a function written in place. It is shipped to the loop thread as source
 * text, so it captures nothing: what it needs comes as arguments or by `import()`, which resolves as if
 * written in the file `from`, by default the one that called `coroutine()`. A library that wraps this
 * passes the `import.meta` of its user on.
 *
 * Bundlers, coverage tools and compilers rewrite function bodies; where one of them is at work, put the
 * function into a module of its own and use `coroutines()`, or give the source text itself.
 *
 * @throws {TypeError} for what has no source text: native and bound functions, classes.
 * @throws {SyntaxError} for source text that is none of a function.
 *
 * @example
 * ```js
 * import { coroutine, run } from 'palitra';
 *
 * const wordCount = coroutine(async (file) => {
 *   const { readFile } = await import('node:fs/promises');
 *   return (await readFile(file, 'utf8')).split(/\s+/).length;
 * });
 * console.log(run(wordCount('package.json')) > 1); // true
 *
 * const next = coroutine('async (n) => n + 1', import.meta);
 * console.log(run(next(41))); // 42
 * ```
 */
// A constraint with parameters would make those that only have a default `any`.
// oxlint-disable-next-line typescript/no-unsafe-function-type, typescript/ban-types -- see above
export function coroutine<F extends Function>(fn: F, from?: ModuleOrigin): CoroutineFunction<F>;
/** Of source text, whose type TypeScript cannot know: give it, as in `coroutine<(n: number) => Promise<number>>('async (n) => n + 1')`. */
// oxlint-disable-next-line typescript/no-unsafe-function-type, typescript/ban-types -- see above
export function coroutine<F extends Function = (...args: unknown[]) => unknown>(
  source: string,
  from?: ModuleOrigin,
): CoroutineFunction<F>;
export function coroutine(fn: unknown, from?: ModuleOrigin): unknown {
  const source = typeof fn === 'string' ? checkSource(fn) : sourceTextOf(fn);
  const name = typeof fn === 'string' ? nameInSource(fn) : (fn as { readonly name: string }).name;
  const label = name === '' ? '(inline)' : name;
  const base = from === undefined ? callerFile(coroutine) : originUrl(from, 'coroutine(fn, …)');
  const target: InlineTarget = { kind: 'inline', source, base, label };
  const coroutineFunction = (...args: unknown[]): Coroutine<unknown> =>
    new Coroutine({ target, args, isConstruction: false });
  const said = sourceProperties({
    description: `coroutine function ${label}`,
    call: `${name === '' ? 'fn' : name}(…)`,
  });
  for (const key of Object.getOwnPropertySymbols(said)) {
    Object.defineProperty(coroutineFunction, key, { value: said[key] });
  }
  return coroutineFunction;
}

/** Checks that the text is that of a function, as far as that can be told without running it. */
function checkSource(source: string): string {
  if (source.trim() === '') {
    throw new TypeError(
      "coroutine() takes the source text of a function, such as 'async (id) => …', not an empty one.",
    );
  }
  if (/^\s*class\b/.test(source)) {
    throw new TypeError(
      "coroutine() takes the source text of a function, not of a class: export the class from a module, and use coroutines('./module.js', import.meta).",
    );
  }
  let failure: unknown;
  // A method in shorthand, `async load() { … }`, is no expression by itself.
  for (const code of [`(${source}\n)`, `({${source}\n})`]) {
    try {
      void new vm.Script(`'use strict';${code}`);
      return source;
    } catch (error) {
      failure ??= error;
    }
  }
  throw new SyntaxError(
    `coroutine() takes the source text of a function, such as 'async (id) => …'. This is none: ${(failure as Error).message}.`,
    { cause: failure },
  );
}

/** `async function load(`, `function* rows(`, `async load(`; not `async (`, which begins an arrow function. */
const NAMED =
  /^\s*(?:async\b\s*)?(?:function\b\s*)?(?:\*\s*)?(?!(?:async|function)\b)([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*\(/u;

function nameInSource(source: string): string {
  return NAMED.exec(source)?.[1] ?? '';
}

function sourceTextOf(fn: unknown): string {
  if (typeof fn !== 'function') {
    throw new TypeError(
      `coroutine() takes a function or its source text, such as coroutine(async (id) => …), not ${fn === null ? 'null' : typeof fn}.`,
    );
  }
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    const isBound = fn.name.startsWith('bound ');
    throw new TypeError(
      isBound
        ? `coroutine() cannot ship ${fn.name}: a bound function has no source text. Give it the function itself, and what is bound as arguments.`
        : `coroutine() cannot ship ${fn.name || 'this function'}: a native function has no source text. Wrap it, coroutine((...args) => ${fn.name || 'fn'}(...args)), or use coroutines('node:…') for a builtin module.`,
    );
  }
  if (/^class\b/.test(source)) {
    throw new TypeError(
      `coroutine() takes a function, not the class ${fn.name}: export the class from a module, and write run(new api.${fn.name}(…)) with api = coroutines('./module.js', import.meta).`,
    );
  }
  return source;
}
