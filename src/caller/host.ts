import vm from 'node:vm';

/**
 * The global object of the thread. In a context of `node:vm`, where Jest and some pools of Vitest run each
 * test file, it is not `globalThis`; and Jest's `process` there is a copy, with an environment of its own,
 * on which nobody ever emits `exit`.
 */
export function hostGlobal(): typeof globalThis {
  return vm.runInThisContext('globalThis') as typeof globalThis;
}

const { process } = hostGlobal() as { readonly process: { readonly _exiting?: boolean } };

/** Are the `exit` handlers running? */
export function isExiting(): boolean {
  return process._exiting === true;
}
