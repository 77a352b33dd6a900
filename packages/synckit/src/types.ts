import type { Transferable } from 'node:worker_threads';
import type { TsRunner } from './constants.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- as synckit's: any function fits
export type AnyFn<R = any, T extends any[] = any[]> = (...args: T) => R;

/** The same function, with what its promise resolves to as its result. */
export type Syncify<T extends AnyFn> = (...args: Parameters<T>) => Awaited<ReturnType<T>>;

export type ValueOf<T> = T[keyof T];

/** A global variable that a package provides on the loop thread, before the worker file is loaded. */
export interface GlobalShim {
  moduleName: string;
  /** Of what name on `globalThis`; without it the package is only loaded. */
  globalName?: string;
  /** Which export: a name, `null` for the whole namespace, nothing for the default export. */
  named?: string | null;
  /** Set it even if the global exists? `false` sets it. @default true: only if it is missing */
  conditional?: boolean;
}

export interface PackageJson {
  type?: 'commonjs' | 'module';
}

export interface StdioChunk {
  type: 'stderr' | 'stdout';
  chunk: Uint8Array | string;
  encoding: BufferEncoding;
}

export interface SynckitOptions {
  /** Options of Node for the loop thread. @default `SYNCKIT_EXEC_ARGV`, separated by commas */
  execArgv?: string[];
  /** @default `SYNCKIT_GLOBAL_SHIMS` */
  globalShims?: GlobalShim[] | boolean;
  /** In milliseconds. @default `SYNCKIT_TIMEOUT`, or to wait without limit */
  timeout?: number;
  /** Is moved to the loop thread when it starts. */
  transferList?: Transferable[];
  /** What compiles a worker file in TypeScript. @default `SYNCKIT_TS_RUNNER`, or what is there */
  tsRunner?: TsRunner;
}
