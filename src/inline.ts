import { callerFile } from './caller/caller-file.ts';
import { Coroutine } from './coroutine.ts';
import type { CoroutineFunction } from './types.ts';
import type { InlineTarget } from './wire/messages.ts';

/**
 * Makes a coroutine function of a function written in place. It is shipped to the loop thread as source
 * text, so it captures nothing: what it needs comes as arguments or by `import()`, which resolves as if
 * written in the file that called `coroutine()`.
 *
 * Bundlers, coverage tools and compilers rewrite function bodies; where one of them is at work, put the
 * function into a module of its own and use `coroutines()`.
 *
 * @throws {TypeError} for what has no source text: native and bound functions, classes.
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
 * ```
 */
// A constraint with parameters would make those that only have a default `any`.
// oxlint-disable-next-line typescript/no-unsafe-function-type, typescript/ban-types -- see above
export function coroutine<F extends Function>(fn: F): CoroutineFunction<F> {
  const source = sourceOf(fn);
  const label = fn.name === '' ? '(inline)' : fn.name;
  const target: InlineTarget = { kind: 'inline', source, base: callerFile(coroutine), label };
  const coroutineFunction = (...args: unknown[]): Coroutine<unknown> =>
    new Coroutine({ target, args, isConstruction: false });
  return coroutineFunction as CoroutineFunction<F>;
}

function sourceOf(fn: unknown): string {
  if (typeof fn !== 'function') {
    throw new TypeError(
      `coroutine() takes a function, such as coroutine(async (id) => …), not ${fn === null ? 'null' : typeof fn}.`,
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
