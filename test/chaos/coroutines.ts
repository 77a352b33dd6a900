import { getSignal } from 'palitra/loop';

/** What a right answer to `n` is. */
export const answerTo = (n: number): number => 3 * n + 1;

export async function fast(n: number): Promise<number> {
  return answerTo(n);
}

export async function slow(n: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return answerTo(n);
}

export async function fail(n: number): Promise<never> {
  throw Object.assign(new RangeError(`refused ${n}`), { n });
}

/** More than the shared memory can hold. */
export async function large(n: number, length: number): Promise<{ n: number; text: string }> {
  return { n: answerTo(n), text: 'x'.repeat(length) };
}

export async function callBack(
  n: number,
  callback: (n: number) => Promise<number>,
): Promise<number> {
  return (await callback(n)) + 1;
}

export async function* items(n: number, count: number): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) yield answerTo(n + index);
}

/** Ends when its signal aborts, and never before. */
export async function hang(): Promise<never> {
  const signal = getSignal();
  const timer = setInterval(() => undefined, 60_000);
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      reject(signal.reason as Error);
    });
  });
}

/** Takes no notice of its signal. */
export async function hangDeaf(): Promise<never> {
  return new Promise(() => {
    setTimeout(() => undefined, 60_000);
  });
}

export function compute(n: number, ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return answerTo(n);
}

export async function exit(code: number): Promise<never> {
  process.exit(code);
}

export async function throwLater(): Promise<string> {
  setTimeout(() => {
    throw new Error('outside any coroutine');
  });
  return 'thrown later';
}

/** Allocates without end. */
export async function fillMemory(): Promise<never> {
  const all: unknown[] = [];
  for (;;) all.push(Array.from({ length: 1_000 }, (_, index) => index + 0.5));
}
