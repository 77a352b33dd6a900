import { types } from 'node:util';
import vm from 'node:vm';
import { importError } from '../runtime/import-error.ts';
import { scriptName } from '../runtime/script-name.ts';
import type { InlineTarget } from '../wire/messages.ts';
import { enableCallContext } from './call.ts';
import type { Callable } from './modules.ts';
import { explainMissing, withStandIns } from './rewritten.ts';

/**
 * Compiles the source text of a function that was written in place on the calling thread: as strict
 * code, so that assigning to a variable it has not brought along is an error and no new global.
 */
export function compileInline(target: InlineTarget): Callable {
  // It may import palitra/loop and ask which coroutine it is; by then it is too late to enter it.
  if (/\bimport\s*\(/.test(target.source)) enableCallContext();
  const filename = target.base === '' ? 'palitra-inline.js' : scriptName(target.base);
  let callee: unknown;
  try {
    callee = evaluate(`(${target.source}\n)`, filename);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // A method in shorthand, `{ async load() { … } }`, is no expression by itself.
    const methods = evaluate(`({${target.source}\n})`, filename) as Record<string, unknown>;
    callee = Object.values(methods)[0];
  }
  if (typeof callee !== 'function') {
    throw new TypeError(
      `The source text that was given to coroutine() is of type ${callee === null ? 'null' : typeof callee}, not of a function: write one, such as 'async (id) => …'.`,
    );
  }
  return { parent: undefined, callee: explainCaptures(callee as Callable['callee']) };
}

let isWarningSilenced = false;

function evaluate(code: string, filename: string): unknown {
  silenceLoaderWarning();
  return new vm.Script(`'use strict';${withStandIns(code)}`, {
    filename,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext();
}

/** Node warns, once, that importing from such a script is experimental. The user did not ask for it. */
function silenceLoaderWarning(): void {
  if (isWarningSilenced) return;
  isWarningSilenced = true;
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: never[]): void => {
    if (String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) return;
    emitWarning.call(process, warning, ...rest);
  };
}

/** A variable of the surrounding scope did not come along: say so where it is missed. */
function explainCaptures(callee: Callable['callee']): Callable['callee'] {
  const explain = (error: unknown): never => {
    if (error instanceof ReferenceError) {
      const name = /^(\S+) is not defined/.exec(error.message)?.[1];
      if (name !== undefined && !error.message.includes('coroutine()')) {
        const before = error.message;
        // Formatted when it is first read, with the message of that moment.
        const stack: unknown = error.stack;
        error.message = explainMissing(name);
        if (typeof stack === 'string') error.stack = stack.replace(before, () => error.message);
      }
    }
    throw importError(error);
  };
  return function inline(...args: unknown[]): unknown {
    try {
      const result = callee(...args);
      return types.isPromise(result) ? result.catch(explain) : result;
    } catch (error) {
      return explain(error);
    }
  };
}
