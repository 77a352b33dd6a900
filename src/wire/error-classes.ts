import {
  CallbackReleasedError,
  CancelledError,
  DeadlockError,
  HandleDisposedError,
  isPalitraError,
  LoopStartError,
  LoopThreadError,
  NeverSettledError,
  RunnerClosedError,
  TimeoutError,
  UncloneableError,
} from '../errors.ts';
import { isNative } from './classify.ts';

/** A class whose instances keep their class when they cross. */
// oxlint-disable-next-line typescript/no-explicit-any -- constructors of every signature
export type ErrorClass = abstract new (...args: any[]) => Error;

const builtIns: ErrorClass[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
];
/** Not there on every version, or with every option: Node 24, Node 26, `--jitless`. */
const optional = globalThis as {
  SuppressedError?: ErrorClass;
  QuotaExceededError?: new (message: string, options: object) => Error;
  WebAssembly?: Readonly<Record<'CompileError' | 'LinkError' | 'RuntimeError', ErrorClass>>;
};
export const QuotaExceededErrorClass = optional.QuotaExceededError;
for (const errorClass of [
  optional.SuppressedError,
  optional.QuotaExceededError,
  optional.WebAssembly?.CompileError,
  optional.WebAssembly?.LinkError,
  optional.WebAssembly?.RuntimeError,
]) {
  if (errorClass !== undefined) builtIns.push(errorClass);
}

const own: ErrorClass[] = [
  TimeoutError,
  CancelledError,
  RunnerClosedError,
  LoopThreadError,
  LoopStartError,
  DeadlockError,
  NeverSettledError,
  UncloneableError,
  HandleDisposedError,
  CallbackReleasedError,
];

const classes = new Map<string, ErrorClass>();
const keys = new Map<object, string>();

function remember(key: string, errorClass: ErrorClass): void {
  const previous = classes.get(key);
  if (previous !== undefined) keys.delete(previous.prototype as object);
  classes.set(key, errorClass);
  keys.set(errorClass.prototype as object, key);
}

const builtInNames = new Set(builtIns.map(({ name }) => name));

for (const errorClass of builtIns) remember(errorClass.name, errorClass);
for (const errorClass of own) remember(`palitra:${errorClass.name}`, errorClass);

/** For palitra's own errors that the core does not know. */
export function rememberOwnErrorClass(errorClass: ErrorClass): void {
  remember(`palitra:${errorClass.name}`, errorClass);
}

/** The registrations of users are found under this symbol by every copy of the package on a thread. */
const registered: Map<string, ErrorClass> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('palitra.errorClasses')
] ??= new Map()) as Map<string, ErrorClass>;

/** Lets errors of a class of the user's keep their class; the two sides are matched by its name. */
export function rememberErrorClass(errorClass: ErrorClass): void {
  registered.set(errorClass.name, errorClass);
}

/** The name under which the other side finds the nearest class of an error that both sides know. */
export function errorClassKey(error: object): string {
  if (isPalitraError(error)) return `palitra:${error.name}`;
  for (
    let prototype = Object.getPrototypeOf(error) as object | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
    if (typeof constructor === 'function' && registered.get(constructor.name) === constructor) {
      return `user:${constructor.name}`;
    }
    const key = keys.get(prototype) ?? foreignKey(constructor);
    if (key !== undefined) return key;
  }
  return 'Error';
}

/** The built-in class of another realm (`node:vm`, Jest) is the one of this realm. */
function foreignKey(constructor: unknown): string | undefined {
  if (typeof constructor !== 'function' || !isNative(constructor)) return undefined;
  return builtInNames.has(constructor.name) ? constructor.name : undefined;
}

/** The prototype for such a name; undefined for a class that was registered on the other side only. */
export function errorPrototype(key: string): object | undefined {
  const errorClass = key.startsWith('user:') ? registered.get(key.slice(5)) : classes.get(key);
  return errorClass?.prototype as object | undefined;
}
