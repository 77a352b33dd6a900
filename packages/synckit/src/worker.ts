// Runs on the loop thread: loads worker files, and calls the functions that they have registered.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { registrySymbol } from './run-as-worker.ts';
import type { AnyFn, GlobalShim } from './types.ts';

/** A worker file, and what it needs to be loaded. */
export interface WorkerFile {
  readonly url: string;
  /** With the address of the module in place of its name. */
  readonly shims: readonly GlobalShim[];
  readonly shouldRequire: boolean;
}

let loading: Promise<AnyFn> | undefined;
let registered: AnyFn | undefined;
let resolveFn: (fn: AnyFn) => void = () => undefined;

/** Errors outside of any call: of the call that is being waited for, or else of the next one, as in synckit. */
const outside = {
  /** Fails the latest call, while it has no outcome. */
  reject: undefined as ((error: unknown) => void) | undefined,
  failure: undefined as { readonly error: unknown } | undefined,
  fail(error: unknown): void {
    const { reject } = outside;
    outside.reject = undefined;
    if (reject === undefined) outside.failure = { error };
    else reject(error);
  },
};
process.on('uncaughtException', (error) => outside.fail(error));
process.on('unhandledRejection', (reason) => outside.fail(reason));

(globalThis as Record<symbol, unknown>)[registrySymbol] = {
  register(fn: AnyFn): void {
    registered = fn;
    resolveFn(fn);
  },
};

/** Begins to load the file, and does not wait for it. What is transferred goes no further, as in synckit. */
export function prepare(file: WorkerFile, _transferred: unknown): void {
  // A file that cannot be loaded is an error of the first call.
  load(file).catch(() => undefined);
}

/** Without an `await` once the file is there: palitra then knows whose code it is that computes for too long. */
export function call(file: WorkerFile, args: unknown[]): unknown {
  const { failure } = outside;
  outside.failure = undefined;
  if (failure !== undefined) throw failure.error;
  const fn = registered;
  return orFailure(
    fn === undefined ? load(file).then((fn) => fn(...args) as unknown) : fn(...args),
  );
}

/** The outcome of a call, or what fails outside of it meanwhile: it may be waiting for just that. */
function orFailure(value: unknown): unknown {
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== 'function') return value;
  return new Promise((resolve, reject) => {
    outside.reject = reject;
    Promise.resolve(value)
      .finally(() => {
        if (outside.reject === reject) outside.reject = undefined;
      })
      .then(resolve, reject);
  });
}

/** Resolves when the file has called `runAsWorker()`, which may be later than when it has been loaded. */
function load(file: WorkerFile): Promise<AnyFn> {
  loading ??= new Promise<AnyFn>((resolve, reject) => {
    resolveFn = resolve;
    evaluate(file).catch((error: unknown) => {
      // The next call tries again.
      loading = undefined;
      reject(error);
    });
  });
  return loading;
}

async function evaluate({ url, shims, shouldRequire }: WorkerFile): Promise<void> {
  if (!shouldRequire) {
    for (const shim of shims) setGlobal(shim, await import(shim.moduleName), 'default');
    await import(url);
    return;
  }
  const require = createRequire(url);
  for (const shim of shims) setGlobal(shim, require(shim.moduleName));
  require(fileURLToPath(url));
}

/** As the statements of `encodeImportModule()` do. */
function setGlobal(shim: GlobalShim, module: unknown, unnamed?: string): void {
  const { globalName, named, conditional } = shim;
  if (!globalName) return;
  const globals = globalThis as Record<string, unknown>;
  if (conditional !== false && globals[globalName]) return;
  const name = named?.trim() || (named === null ? undefined : unnamed);
  globals[globalName] = name === undefined ? module : (module as Record<string, unknown>)[name];
}
