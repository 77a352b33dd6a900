import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EventLoopThreadRunner } from 'palitra';
import {
  DEFAULT_EXEC_ARGV,
  DEFAULT_GLOBAL_SHIMS,
  DEFAULT_GLOBAL_SHIMS_PRESET,
  DEFAULT_TIMEOUT,
  DEFAULT_TS_RUNNER,
  REQUIRE_ABBR_FLAG,
  TsRunner,
} from './constants.ts';
import { NODE_OPTIONS } from './flags.ts';
import { addressOf } from './global-shims.ts';
import { setupTsRunner } from './ts-runner.ts';
import type { AnyFn, SynckitOptions } from './types.ts';
import type { WorkerFile } from './worker.ts';

/**
 * palitra itself is loaded with the first function: a worker file imports this package, too, and has no use for
 * it. By Node's own `require`, because that of a test runner may not know ES modules.
 */
const palitra = (): typeof import('palitra') => {
  const { createRequire: require } = (
    process.getBuiltinModule as typeof process.getBuiltinModule | undefined
  )?.('node:module') ?? { createRequire };
  return require(import.meta.url)('palitra') as typeof import('palitra');
};

/** A loop thread that serves one worker file: files that import the same modules share no state. */
class LoopThread {
  readonly #file: WorkerFile;
  readonly #runner: EventLoopThreadRunner;
  readonly #api: ReturnType<typeof makeApi>;

  constructor(file: WorkerFile, execArgv: readonly string[], transferList: readonly never[]) {
    const { EventLoopThreadRunner, transfer } = palitra();
    this.#file = file;
    this.#api = makeApi();
    this.#runner = new EventLoopThreadRunner({
      name: 'synckit',
      execArgv,
      env: { ...process.env },
      stdio: 'caller',
      // What a call that was given up still does holds up nobody.
      shutdownTimeout: 50,
      // worker.ts makes it an error of a call.
      onUnhandledError: () => undefined,
    });
    void this.#runner.createTask(
      this.#api.prepare(file, transfer([...transferList], transferList) as never),
    );
  }

  call(args: unknown[], timeout: number | undefined): unknown {
    try {
      return this.#runner.run(this.#api.call(this.#file, args as never), { timeout });
    } catch (error) {
      throw asOfSynckit(error);
    }
  }
}

const makeApi = () =>
  palitra().coroutines<typeof import('./worker.ts')>(new URL('./worker.js', import.meta.url));

/** Programs compare the messages of synckit; palitra's error is the cause. */
function asOfSynckit(error: unknown): unknown {
  const { isPalitraError, LoopThreadError } = palitra();
  hideCause(error);
  if (!isPalitraError(error)) return error;
  if (error.code === 'ERR_PALITRA_TIMEOUT') {
    return new Error('Internal error: Atomics.wait() failed: timed-out', { cause: error });
  }
  if (error.code === 'ERR_PALITRA_UNCLONEABLE') {
    return Object.assign(new DOMException(error.message, 'DataCloneError'), { cause: error });
  }
  if (
    error instanceof LoopThreadError &&
    error.cause === undefined &&
    error.exitCode !== undefined
  ) {
    return new Error(`Worker exited with code ${error.exitCode}`, { cause: error });
  }
  return error;
}

/** A cause that was enumerable, as Prettier makes it, is not so in a clone. */
function hideCause(error: unknown): void {
  if (!(error instanceof Error) || !Object.prototype.propertyIsEnumerable.call(error, 'cause'))
    return;
  Object.defineProperty(error, 'cause', { enumerable: false });
}

/** Starts a thread for the worker file at once, and returns the function that calls its function. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as synckit's
export function startWorkerThread<T extends AnyFn, R = Awaited<ReturnType<T>>>(
  workerPath: string,
  options: SynckitOptions = {},
): (...args: Parameters<T>) => R {
  const {
    timeout = DEFAULT_TIMEOUT,
    execArgv = DEFAULT_EXEC_ARGV,
    tsRunner = DEFAULT_TS_RUNNER,
    transferList = [],
    globalShims = DEFAULT_GLOBAL_SHIMS,
  } = options;
  const setup = setupTsRunner(workerPath, { execArgv, tsRunner });
  checkRunner(setup);
  const isEsm = setup.isTs ? setup.tsUseEsm : setup.jsUseEsm;
  const wanted =
    globalShims === true
      ? DEFAULT_GLOBAL_SHIMS_PRESET
      : Array.isArray(globalShims)
        ? globalShims
        : [];
  const shims = wanted.flatMap((shim) => {
    const address = addressOf(shim.moduleName, setup.workerPath);
    if (address === undefined) return [];
    return [{ ...shim, moduleName: isEsm ? address : shim.moduleName }];
  });
  const file: WorkerFile = {
    url: pathToFileURL(setup.workerPath).href,
    shims,
    shouldRequire: !isEsm && (setup.isTs || shims.length > 0),
  };
  const { pnpApiPath } = setup;
  const hasPnp = pnpApiPath === undefined || NODE_OPTIONS.includes(pnpApiPath);
  const thread = new LoopThread(
    file,
    [...(hasPnp ? [] : [REQUIRE_ABBR_FLAG, pnpApiPath]), ...setup.execArgv.filter(Boolean)],
    transferList as never,
  );
  const limit = limitOf(timeout);
  return (...args) => thread.call(args, limit) as R;
}

/** synckit gives what `Atomics.wait` takes: nothing and NaN are no limit, zero and less have passed already. */
function limitOf(timeout: number | undefined): number | undefined {
  if (timeout === undefined || Number.isNaN(timeout)) return undefined;
  return Math.max(timeout, Number.MIN_VALUE);
}

function checkRunner({ workerPath, tsRunner, ext }: ReturnType<typeof setupTsRunner>): void {
  if (!/\.[cm]ts$/.test(workerPath)) return;
  if (tsRunner === undefined) {
    throw new Error('No ts runner specified, ts worker path is not supported');
  }
  const needsOther =
    tsRunner === TsRunner.EsbuildRegister ||
    tsRunner === TsRunner.EsbuildRunner ||
    (tsRunner === TsRunner.TSX && ext === '.mts');
  if (needsOther) {
    throw new Error(
      `${tsRunner} is not supported for ${ext} files yet, you can try [oxc](https://github.com/oxc-project/oxc-node) or [swc](https://github.com/swc-project/swc-node/tree/master/packages/register) instead`,
    );
  }
}

/** A `file:` URL or a path, as a path. */
export const pathOf = (worker: URL | string): string =>
  typeof worker !== 'string' || worker.startsWith('file://') ? fileURLToPath(worker) : worker;
