/** Runs on the loop thread, where neither the test runner nor its fake clock is. */
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getSignal, handle, onShutdown, registerError } from 'palitra/loop';

export class QuotaError extends RangeError {
  constructor(message, used) {
    super(message);
    this.used = used;
  }
}
registerError(QuotaError);

export async function echo(value) {
  return value;
}

export async function sleep(ms, value) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
}

export async function hang() {
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, 60_000);
    getSignal().addEventListener('abort', () => resolve(clearTimeout(timer)));
  });
}

export async function fail(kind) {
  if (kind === 'system') await readFile('/nowhere/to/be/found');
  if (kind === 'dom') throw new DOMException('no', 'DataError');
  if (kind === 'aggregate') throw new AggregateError([new TypeError('a'), new QuotaError('b', 2)]);
  if (kind === 'quota') throw new QuotaError('used 7', 7);
  throw new TypeError('wrong', { cause: new SyntaxError('deeper') });
}

export async function call(callback, ...args) {
  return callback(...args);
}

/** What came back from the callback, as this thread sees it. */
export async function failIn(callback) {
  try {
    return await callback();
  } catch (error) {
    return { name: error.name, isError: error instanceof Error, message: error.message };
  }
}

export async function* countTo(limit) {
  for (let n = 1; n <= limit; n++) yield { n };
}

export async function open(name) {
  return handle({ name, greet: async (who) => `${name} greets ${who}` });
}

export async function classesOf(...values) {
  return values.map((value) => Object.prototype.toString.call(value).slice(8, -1));
}

export async function environment(name) {
  return process.env[name];
}

export async function sayAtTheEnd(text) {
  onShutdown(() => void writeSync(2, `${text}\n`));
}
