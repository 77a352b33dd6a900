/** The loop module: the second entry of every bundle. */
import { getSignal, handle, isLoopThread, onShutdown, registerError } from 'palitra/loop';
import { writeSync } from 'node:fs';
import { QuotaError } from './quota-error.js';

registerError(QuotaError);
onShutdown(async () => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  writeSync(1, '"cleaned up"\n');
});

let calls = 0;

export async function whereAmI(greeting) {
  calls += 1;
  return { greeting, isLoopThread: isLoopThread(), calls };
}

export async function double(n) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return n * 2;
}

export async function sumOf(numbers, onStep) {
  let sum = 0;
  for (const number of numbers) sum += await onStep(number);
  return sum;
}

export async function fail(used) {
  throw new QuotaError(`used ${used}`, used);
}

export async function hang() {
  await new Promise((resolve) => getSignal().addEventListener('abort', resolve));
}

export async function* countTo(limit) {
  for (let n = 1; n <= limit; n++) yield n;
}

export async function open(name) {
  return handle({ name, greet: async (who) => `${name} greets ${who}` });
}

export class Counter {
  #count = 0;
  add(n) {
    this.#count += n;
    return this.#count;
  }
}
