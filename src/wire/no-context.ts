import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs a function where no `AsyncLocalStorage` of the program's has a value. A port calls back in the async
 * context in which it was made: what the first caller has there would be there in the callbacks of all others,
 * and be held for as long as the loop thread lives.
 */
export const inNoContext: <R>(body: () => R) => R = AsyncLocalStorage.snapshot();
