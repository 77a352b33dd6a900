import type { Coroutine } from './coroutine.ts';
import type { Handle } from './handle.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- matches functions of every signature
export type AnyFunction = (...args: any[]) => unknown;
// oxlint-disable-next-line typescript/no-explicit-any -- matches classes of every signature
type AnyClass = abstract new (...args: any[]) => unknown;

type Primitive = string | number | bigint | boolean | symbol | null | undefined;
/** Copied as they are; they hold no callbacks that could be mapped. */
type Atomic = Primitive | Date | RegExp | Error | ArrayBufferLike | ArrayBufferView | URL;

type Collection = readonly unknown[] | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

/**
 * What may be given where the function on the loop thread takes a `T`: a callback may return its value
 * directly where the loop side sees a promise of it, and a handle stands for its object.
 */
export type Argument<T> = unknown extends T
  ? T
  : T extends AnyFunction
    ? Callback<T>
    : T extends Atomic
      ? T
      : T extends readonly unknown[]
        ? T | { [K in keyof T]: Argument<T[K]> }
        : T extends ReadonlyMap<infer K, infer V>
          ? T | ReadonlyMap<Argument<K>, Argument<V>>
          : T extends ReadonlySet<infer V>
            ? T | ReadonlySet<Argument<V>>
            : T extends object
              ? T | Handle<T> | { [K in keyof T]: Argument<T[K]> }
              : T;

/** A callback on the calling side of one that returns a promise on the loop side. */
export type Callback<F extends AnyFunction> = F extends (...args: infer A) => infer R
  ? (...args: A) => R | Argument<Awaited<R>> | Promise<Argument<Awaited<R>>>
  : never;

/** The arguments of a coroutine function, from those of the function it stands for. */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> };

/** A function that makes coroutines. */
export type CoroutineFunction<F> = F extends (...args: infer A) => infer R
  ? (...args: Arguments<A>) => Coroutine<Awaited<R>>
  : never;

/** A class whose instances are constructed, and stay, on the loop thread. */
export type CoroutineClass<C> = C extends abstract new (...args: infer A) => infer I
  ? new (...args: Arguments<A>) => Coroutine<Handle<Extract<I, object>>>
  : never;

type Member<T, Depth extends unknown[]> = T extends AnyClass
  ? CoroutineClass<T> & Namespace<T, Depth>
  : T extends AnyFunction
    ? CoroutineFunction<T>
    : T extends object
      ? Namespace<T, Depth>
      : never;

/** Namespaces are followed this deep. */
type MaxDepth = 3;

type HasMembers<T, Depth extends unknown[]> = T extends AnyFunction | AnyClass
  ? true
  : T extends Atomic | Collection
    ? false
    : Depth['length'] extends MaxDepth
      ? false
      : T extends object
        ? [keyof Namespace<T, [...Depth, unknown]>] extends [never]
          ? false
          : true
        : false;

type Namespace<M, Depth extends unknown[]> = {
  readonly [
    K in keyof M as K extends 'prototype' | symbol
      ? never
      : HasMembers<M[K], Depth> extends true
        ? K
        : never
  ]: Member<M[K], [...Depth, unknown]>;
};

/**
 * A module as the calling thread sees it: each function makes a coroutine, each class makes a coroutine
 * of a handle, nested namespaces are followed, and what cannot be called is left out.
 *
 * Of an overloaded function the last overload is kept, and type parameters become `unknown`: TypeScript
 * cannot map them. Where that hurts, cast: `api.load as (id: number) => Coroutine<Row>`.
 */
export type Coroutines<M> = Namespace<M, []>;

/** A module of plain synchronous functions, made by `sync()`. */
export type Sync<C> = C extends (...args: infer A) => Coroutine<infer T>
  ? (...args: A) => T
  : (C extends new (...args: infer A) => Coroutine<infer T> ? new (...args: A) => T : unknown) & {
      readonly [K in keyof C]: Sync<C[K]>;
    };

/** What `iterate()` can iterate. */
export type StreamSource =
  | AsyncIterable<unknown>
  | Iterable<unknown>
  | { readonly getReader: (...args: never[]) => unknown };

/** What the items of a source are. */
export type StreamItem<S> =
  S extends AsyncIterable<infer T> ? T : S extends Iterable<infer T> ? T : unknown;

/** What the generator behind a source returns at its end. */
export type StreamReturn<S> =
  S extends AsyncGenerator<unknown, infer R>
    ? R
    : S extends Generator<unknown, infer R>
      ? R
      : unknown;

/** The results of coroutines, in their order. */
export type Results<C extends readonly unknown[]> = {
  -readonly [K in keyof C]: C[K] extends Coroutine<infer T> ? T : never;
};

/** The results of coroutines, in their order, with an error in the place of each that failed. */
export type ResultsOrErrors<C extends readonly unknown[]> = {
  -readonly [K in keyof C]: C[K] extends Coroutine<infer T> ? T | Error : never;
};
