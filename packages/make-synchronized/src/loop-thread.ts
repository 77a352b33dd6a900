import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Coroutine, EventLoopThreadRunner } from 'palitra';
import type { Description } from './describe.ts';
import { palitra } from './palitra.ts';

/** What a loop thread is asked about a module, or a function written in place. */
export interface Source {
  information(path: readonly string[]): Coroutine<Description>;
  read(path: readonly string[]): Coroutine<unknown>;
  ownKeys(path: readonly string[]): Coroutine<string[]>;
  apply(path: readonly string[], args: unknown[]): Coroutine<unknown>;
}

/** The loop thread of one module, as of the first question. */
export class LoopThread {
  #runner: EventLoopThreadRunner | undefined;
  #source: Source | undefined;
  readonly #makeSource: () => Source;

  constructor(makeSource: () => Source) {
    this.#makeSource = makeSource;
  }

  ask<T>(question: (source: Source) => Coroutine<T>): T {
    this.#source ??= this.#makeSource();
    this.#runner ??= this.#start();
    try {
      return this.#runner.run(question(this.#source));
    } catch (error) {
      throw asOfOriginal(error);
    }
  }

  #start(): EventLoopThreadRunner {
    return new (palitra().EventLoopThreadRunner)({
      name: 'make-synchronized',
      env: { ...process.env },
      stdio: 'caller',
      // What a call has left behind holds up nobody.
      shutdownTimeout: 50,
    });
  }
}

export function moduleSource(url: string): Source {
  const api = palitra().coroutines<typeof import('./worker.ts')>(
    new URL('./worker.js', import.meta.url),
  );
  return {
    information: (path) => api.information(url, path),
    read: (path) => api.read(url, path),
    ownKeys: (path) => api.ownKeys(url, path),
    apply: (path, args) => api.apply(url, path, args),
  };
}

/** What is imported in source text is looked for from the working directory, as in `node --eval`. */
export function inlineSource(code: string): Source {
  const fn = palitra().coroutine(code, pathToFileURL(join(process.cwd(), '[inline]')));
  const never = (): never => {
    throw new Error('A function written in place has no exports.');
  };
  return {
    information: never,
    read: never,
    ownKeys: never,
    apply: (_, args) => fn(...args),
  };
}

/** Programs compare the messages of make-synchronized; palitra's error is the cause. */
function asOfOriginal(error: unknown): unknown {
  const { isPalitraError } = palitra();
  hideCause(error);
  if (!isPalitraError(error) || error.code !== 'ERR_PALITRA_UNCLONEABLE') return error;
  const { path } = error as { readonly path?: string };
  if (path?.startsWith('argument') === true) {
    return Object.assign(
      new DOMException(`Cannot serialize request data:\n${error.message}`, 'DataCloneError'),
      { cause: error },
    );
  }
  return new Error(`Cannot serialize worker response:\n${inspect(error.message)}`, {
    cause: error,
  });
}

/** A cause that was enumerable, as Prettier makes it, is not so in a clone. */
function hideCause(error: unknown): void {
  if (!(error instanceof Error) || !Object.prototype.propertyIsEnumerable.call(error, 'cause'))
    return;
  Object.defineProperty(error, 'cause', { enumerable: false });
}
