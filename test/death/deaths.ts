import type { Death } from '../fixtures/deaths.ts';
import { isDeno } from '../support/runtime.ts';

/** What the caller is to get: an error as described here, or the value of a coroutine that was none the worse. */
export interface Outcome {
  readonly name: string;
  readonly code?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly message?: RegExp;
}

export interface DeathCase {
  /** A function of `fixtures/deaths.ts`, or the name of a module whose import goes wrong. */
  readonly death: Death | `./${string}`;
  readonly exitCode?: number;
  /** Does the thread end by it? */
  readonly isFatal: boolean;
  /** Without one the coroutine comes back as if nothing had happened. */
  readonly error?: Outcome;
  /** What a caller gets that goes on by itself, where that is another error. */
  readonly limited?: Outcome;
  /** What a call gets in whose callback it happens, where that is another error. */
  readonly outer?: Outcome;
  /** What is to be read on stderr. */
  readonly report?: RegExp;
  /** Since the last moment of the thread. @default 300 */
  readonly limitMs?: number;
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb: number };
  readonly nodeArgs?: readonly string[];
}

const died = (exitCode: number | undefined): Outcome => ({
  name: 'LoopThreadError',
  code: 'ERR_PALITRA_LOOP_DIED',
  exitCode,
  message: exitCode === undefined ? /died without a word/ : new RegExp(`exit code ${exitCode} `),
});

const exits = (death: Death, exitCode: number): DeathCase => ({
  death,
  exitCode,
  isFatal: true,
  error: died(exitCode),
});

const diesWithoutWord = { isFatal: true, error: died(undefined) } as const;

const reported = (death: Death, report = /RangeError: nobody catches this/): DeathCase => ({
  death,
  isFatal: false,
  report,
});

/** As `import()` throws it. */
const missing: Outcome = {
  name: isDeno ? 'TypeError' : 'Error',
  code: 'ERR_MODULE_NOT_FOUND',
  message: /missing\.js/,
};

/** Out of memory takes the collector its time. */
const outOfMemory = { ...diesWithoutWord, limitMs: 1_000 } as const;
const resourceLimits = { maxOldGenerationSizeMb: 24 };

export const deathCases: Record<string, DeathCase> = {
  'process.exit(0)': exits('exit', 0),
  'process.exit(3)': exits('exit', 3),
  'process.exit(3) after an await': exits('exitAfterAwait', 3),
  'exit(3) of node:process when nothing else is left': exits('exitByName', 3),
  'process.exit() with an exitCode': exits('exitCode', 4),
  'process.exit(3) in a timer': exits('exitInTimer', 3),
  'an end without exit handlers': { death: 'endWithoutWord', exitCode: 5, ...diesWithoutWord },
  'process.abort()': {
    death: 'abort',
    isFatal: false,
    error: { name: 'TypeError', code: 'ERR_WORKER_UNSUPPORTED_OPERATION' },
  },
  'worker.terminate()': { death: 'askToDie', ...diesWithoutWord },
  'out of memory by resourceLimits': { death: 'allocate', ...outOfMemory, resourceLimits },
  'out of memory in a timer': { death: 'allocateInTimer', ...outOfMemory, resourceLimits },
  'out of memory by the limit of the process': {
    death: 'allocate',
    ...outOfMemory,
    nodeArgs: ['--max-old-space-size=32'],
  },
  'an exception in a timer': reported('throwInTimer'),
  'an exception in a microtask': reported('throwInMicrotask'),
  'undefined thrown in a timer': reported('throwNothing', /undefined/),
  'an unhandled rejection': reported('rejectUnhandled'),
  'an exception in a listener of a port': reported('throwInListener'),
  'an exception in a listener of an EventTarget': reported('throwInEventTarget'),
  "an 'error' event without a listener": reported('emitErrorToNobody'),
  'a stack overflow': {
    death: 'overflowStack',
    isFatal: false,
    error: { name: 'RangeError', message: /Maximum call stack size exceeded/ },
  },
  'a stack overflow in a timer': reported(
    'overflowStackInTimer',
    /Maximum call stack size exceeded/,
  ),
  'a promise that never settles': {
    death: 'neverSettle',
    isFatal: false,
    error: { name: 'NeverSettledError', code: 'ERR_PALITRA_NEVER_SETTLED' },
    limited: { name: 'TimeoutError', code: 'ERR_PALITRA_TIMEOUT' },
    // In Deno the thread ends with it, and takes its other calls along.
    ...(isDeno ? { outer: died(0) } : {}),
  },
  'a module with a syntax error': {
    death: './syntax.js',
    isFatal: false,
    error: { name: 'SyntaxError' },
  },
  'a module that is missing': {
    death: './missing.js',
    isFatal: false,
    error: missing,
  },
  'a module that imports a missing one': {
    death: './imports-missing.js',
    isFatal: false,
    error: missing,
  },
  'a module that throws on import': {
    death: './throws.js',
    isFatal: false,
    error: { name: 'RangeError', message: /thrown on import/ },
  },
  'a module that exits on import': { death: './exits.js', isFatal: true, error: died(6) },
  'a module whose import never ends': {
    death: './never.js',
    isFatal: false,
    error: { name: 'NeverSettledError', code: 'ERR_PALITRA_NEVER_SETTLED' },
    limited: { name: 'TimeoutError', code: 'ERR_PALITRA_TIMEOUT' },
  },
};

/** The modules above. */
export const badModules = {
  'package.json': { type: 'module' },
  'syntax.js': 'export function die( {\n',
  'imports-missing.js': "import './missing.js';\nexport async function die() {}\n",
  'throws.js': "throw new RangeError('thrown on import');\n",
  'exits.js': 'globalThis.markDeath();\nprocess.exit(6);\n',
  'never.js': 'await new Promise(() => undefined);\nexport async function die() {}\n',
};
