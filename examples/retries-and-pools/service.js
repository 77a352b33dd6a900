// Runs on the loop thread.
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { getSignal } from 'palitra/loop';

let attempts = 0;
let inFlight = 0;
let mostInFlight = 0;

/** A service that answers every third time. */
async function ask(id) {
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  try {
    await new Promise((resolve) => setTimeout(resolve, 2));
    attempts += 1;
    if (attempts % 3 !== 0) throw new Error(`no answer about ${id}`);
    return `answer about ${id}`;
  } finally {
    inFlight -= 1;
  }
}

/** The limit is in the module, so it holds for all callers, however they call. */
const limit = pLimit(2);

export function load(id) {
  // The signal of the coroutine: on a timeout, and when a sibling fails, no more is tried.
  const options = { retries: 5, minTimeout: 1, factor: 1, signal: getSignal() };
  return limit(() => pRetry(() => ask(id), options));
}

export async function tell() {
  return { attempts, mostInFlight };
}
