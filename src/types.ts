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
 *
 * @example
 * ```ts
 * import type { Argument } from 'palitra';
 *
 * // What the loop side declares …
 * type Ask = (question: string) => Promise<boolean>;
 * // … and what the calling side may give: the result itself, as well as a promise of it.
 * const ask: Argument<Ask> = (question) => question.length > 10;
 * console.log(await ask('Really?')); // false
 * ```
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

/**
 * A callback on the calling side of one that returns a promise on the loop side.
 *
 * @example
 * ```ts
 * import type { Callback } from 'palitra';
 *
 * const onRow: Callback<(row: number) => Promise<'more' | 'enough'>> = (row) =>
 *   row < 3 ? 'more' : 'enough';
 * console.log(onRow(1)); // more
 * ```
 */
export type Callback<F extends AnyFunction> = F extends (...args: infer A) => infer R
  ? (...args: A) => R | Argument<Awaited<R>> | Promise<Argument<Awaited<R>>>
  : never;

/**
 * The arguments of a coroutine function, from those of the function it stands for.
 *
 * @example
 * ```ts
 * import type { Arguments } from 'palitra';
 *
 * declare function load(id: number, onProgress: (percent: number) => Promise<void>): Promise<string>;
 * const args: Arguments<Parameters<typeof load>> = [7, (percent) => console.log(percent)];
 * console.log(args.length); // 2
 * ```
 */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> };

/**
 * A function that makes coroutines of the function `F`, with the same arguments.
 *
 * @example
 * ```ts
 * import { coroutine, run, type CoroutineFunction } from 'palitra';
 *
 * const double: CoroutineFunction<(n: number) => Promise<number>> = coroutine(async (n: number) => 2 * n);
 * console.log(run(double(21))); // 42
 * ```
 */
export type CoroutineFunction<F> = F extends (...args: infer A) => infer R
  ? (...args: Arguments<A>) => Coroutine<Awaited<R>>
  : never;

/**
 * A class whose instances are constructed, and stay, on the loop thread.
 *
 * @example
 * ```ts
 * import { coroutines, get, run, type CoroutineClass } from 'palitra';
 *
 * const { Agent }: { Agent: CoroutineClass<typeof import('node:http').Agent> } =
 *   coroutines<typeof import('node:http')>('node:http');
 * const agent = run(new Agent({ maxSockets: 8 }));
 * console.log(run(get(agent, 'maxSockets'))); // 8
 * ```
 */
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

/** What a namespace is asked for: nothing that only classes have, and nothing that leads to no function. */
type MemberKey<T, K, Depth extends unknown[]> = K extends 'prototype' | symbol
  ? never
  : HasMembers<T, Depth> extends true
    ? K
    : never;

type Namespace<M, Depth extends unknown[]> = {
  readonly [K in keyof M as MemberKey<M[K], K, Depth>]: Member<M[K], [...Depth, unknown]>;
};

/**
 * A module as the calling thread sees it: each function makes a coroutine, each class makes a coroutine
 * of a handle, nested namespaces are followed, and what cannot be called is left out.
 *
 * Of an overloaded function the last overload is kept, and type parameters become `unknown`: TypeScript
 * cannot map them. Where that hurts, cast: `api.load as (id: number) => Coroutine<Row>`.
 *
 * @example
 * ```ts
 * import { coroutines, run, type Coroutines } from 'palitra';
 *
 * const path: Coroutines<typeof import('node:path')> = coroutines('node:path');
 * console.log(run(path.posix.join('a', 'b'))); // a/b
 * ```
 */
export type Coroutines<M> = {
  // As a namespace, but written out, so that messages about a module name this type.
  readonly [K in keyof M as MemberKey<M[K], K, []>]: Member<M[K], [unknown]>;
};

/**
 * A module of plain synchronous functions, made by `sync()`.
 *
 * @example
 * ```ts
 * import { coroutines, sync, type Coroutines, type Sync } from 'palitra';
 *
 * const timers: Sync<Coroutines<typeof import('node:timers/promises')>> = sync(
 *   coroutines<typeof import('node:timers/promises')>('node:timers/promises'),
 * );
 * timers.setTimeout(10); // blocks for 10 ms
 * ```
 */
export type Sync<C> = C extends (...args: infer A) => Coroutine<infer T>
  ? (...args: A) => T
  : (C extends new (...args: infer A) => Coroutine<infer T> ? new (...args: A) => T : unknown) & {
      readonly [K in keyof C]: Sync<C[K]>;
    };

/**
 * What a coroutine may return for `iterate()`: an iterable of either kind, or a web stream.
 *
 * @example
 * ```ts
 * import { coroutine, iterate, type Coroutine, type StreamSource } from 'palitra';
 *
 * const count = (source: Coroutine<StreamSource>): number => [...iterate(source)].length;
 * console.log(count(coroutine(async () => ['a', 'b'])())); // 2
 * ```
 */
export type StreamSource =
  | AsyncIterable<unknown>
  | Iterable<unknown>
  | { readonly getReader: (...args: never[]) => unknown };

/**
 * What the items are that `iterate()` takes from a source.
 *
 * @example
 * ```ts
 * import type { StreamItem } from 'palitra';
 *
 * const rows = async function* () {
 *   yield { id: 1 };
 * };
 * const row: StreamItem<ReturnType<typeof rows>> = { id: 2 };
 * console.log(row.id); // 2
 * ```
 */
export type StreamItem<S> =
  S extends AsyncIterable<infer T> ? T : S extends Iterable<infer T> ? T : unknown;

/**
 * What the generator behind a source returns at its end.
 *
 * @example
 * ```ts
 * import { coroutine, iterate, type StreamReturn } from 'palitra';
 *
 * const rows = async function* () {
 *   yield { id: 1 };
 *   return 'end' as const;
 * };
 * const iterator = iterate(coroutine(rows)());
 * iterator.next();
 * const last: StreamReturn<ReturnType<typeof rows>> = iterator.next().value as 'end';
 * console.log(last); // end
 * ```
 */
export type StreamReturn<S> =
  S extends AsyncGenerator<unknown, infer R>
    ? R
    : S extends Generator<unknown, infer R>
      ? R
      : unknown;

/**
 * The results of coroutines, in their order.
 *
 * @example
 * ```ts
 * import { coroutine, gather, type Coroutine, type Results } from 'palitra';
 *
 * const length = coroutine(async (text: string) => text.length);
 * const both: Results<[Coroutine<number>, Coroutine<number>]> = gather(length('a'), length('bc'));
 * console.log(both); // [ 1, 2 ]
 * ```
 */
export type Results<C extends readonly unknown[]> = {
  -readonly [K in keyof C]: C[K] extends Coroutine<infer T> ? T : never;
};

/**
 * The results of coroutines, in their order, with an error in the place of each that failed.
 *
 * @example
 * ```ts
 * import { coroutine, gather, type Coroutine, type ResultsOrErrors } from 'palitra';
 *
 * const parse = coroutine(async (text: string): Promise<unknown> => JSON.parse(text));
 * const all: ResultsOrErrors<Coroutine<unknown>[]> = gather(
 *   ['1', '{'].map((text) => parse(text)),
 *   { returnExceptions: true },
 * );
 * console.log(all[0], (all[1] as Error).name); // 1 SyntaxError
 * ```
 */
export type ResultsOrErrors<C extends readonly unknown[]> = {
  -readonly [K in keyof C]: C[K] extends Coroutine<infer T> ? T | Error : never;
};
