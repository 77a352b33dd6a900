import type { BlockedInfo, RunnerOptions } from '../options.ts';
import { publishBlocked } from '../tracing.ts';
import { queueMicrotask } from '../wire/natives.ts';

/** Hands to the listeners of a runner what its loop thread reports. */
export class Reports {
  readonly #options: RunnerOptions;
  readonly #name: string;

  constructor(options: RunnerOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  /** A coroutine has kept the loop from turning. */
  blocked(info: BlockedInfo): void {
    publishBlocked(info);
    const { onBlocked } = this.#options;
    if (onBlocked !== undefined) {
      tell(onBlocked, info);
      return;
    }
    process.emitWarning(
      `The coroutine ${info.name} kept the loop thread "${this.#name}" from turning for ${info.ms} ms.`,
      { type: 'PalitraWarning', code: 'PALITRA_LOOP_BLOCKED' },
    );
  }

  /** An error of the loop thread's that belongs to no coroutine. */
  unhandled(error: unknown): void {
    const { onUnhandledError } = this.#options;
    if (onUnhandledError !== undefined) tell(onUnhandledError, error);
  }
}

/** What a listener throws belongs to nobody who happens to wait here: it is uncaught, as in a timer. */
function tell<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
