import type { Coroutine } from './coroutine.ts';
import type { Handle } from './handle.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- matches functions of every signature
export type AnyFunction = (...args: any[]) => unknown;
// oxlint-disable-next-line typescript/no-explicit-any -- matches classes of every signature
type AnyClass = abstract new (...args: any[]) => unknown;

/** What nothing is known of is not checked, either: what comes of an untyped module, for one. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Anything = any;

type Primitive = string | number | bigint | boolean | symbol | null | undefined;
/** The instances of a global class. Whether there is one is for the user's `lib` and `@types/node` to say. */
type Global<Name extends string> = typeof globalThis extends {
  readonly [K in Name]: { readonly prototype: infer T };
}
  ? T
  : never;
/** Cross as they are; they hold no callbacks that could be mapped. */
type Atomic =
  | Primitive
  | Date
  | RegExp
  | Error
  | ArrayBufferLike
  | ArrayBufferView
  | Global<'URL'>
  | Global<'URLSearchParams'>
  | Global<'Headers'>
  | Global<'AbortSignal'>;

type Collection = readonly unknown[] | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Are both the same type? `any` is nothing but `any`. */
type IsSame<A, B> = IsAny<A> extends true ? false : [A, B] extends [B, A] ? true : false;

/** The types of the properties of an object, as one union; `any` would swallow the others. */
type PropertyTypes<T> = { [K in keyof T]: unknown extends T[K] ? never : T[K] }[keyof T];

/**
 * Is there a function or class in it, as far as four levels down (the arguments are one)? `true`, or `boolean` for a union that has
 * one in some of its members. A type without one is data: it stands in signatures under its own name.
 */
type HoldsFunction<T, Depth extends unknown[] = []> = unknown extends T
  ? false
  : T extends AnyFunction | AnyClass
    ? true
    : T extends Atomic
      ? false
      : Depth['length'] extends 4
        ? false
        : T extends readonly (infer E)[]
          ? HoldsFunction<E, [...Depth, unknown]>
          : T extends ReadonlyMap<infer K, infer V>
            ? HoldsFunction<K | V, [...Depth, unknown]>
            : T extends ReadonlySet<infer V>
              ? HoldsFunction<V, [...Depth, unknown]>
              : HoldsFunction<PropertyTypes<T>, [...Depth, unknown]>;

/** Nothing in it could be a callback, or an object behind a handle of its own. */
type IsData<T> = true extends HoldsFunction<T> ? false : true;

/**
 * What a handle of data has, so that it may be given where signatures name the data alone: its properties, of
 * the type that fits each, and with which nothing can be done here.
 */
export type StandIn<T> =
  IsData<T> extends true
    ? T extends Atomic | Collection
      ? unknown
      : { readonly [K in keyof T]: never }
    : unknown;

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
export type Argument<T> =
  IsData<T> extends true
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
              : IsData<T> extends true
                ? T
                : WithCallbacks<T>;

/**
 * What may be given where the function on the loop thread takes an object with functions in it: such an
 * object, a handle of one, or one whose functions return directly what is a promise on the loop side.
 *
 * @example
 * ```ts
 * import type { WithCallbacks } from 'palitra';
 *
 * interface Hooks {
 *   onRow(row: number): Promise<boolean>;
 * }
 * const hooks: WithCallbacks<Hooks> = { onRow: (row) => row > 1 };
 * console.log(typeof hooks); // object
 * ```
 */
export type WithCallbacks<T> = T | Handle<T> | { [K in keyof T]: Argument<T[K]> };

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
export type Arguments<A extends readonly unknown[]> =
  IsData<A> extends true ? A : { [K in keyof A]: Argument<A[K]> };

/**
 * What a signature becomes: one that makes a coroutine (of a handle, where a method returns the object
 * itself), one that is synchronous, or, of what makes coroutines already, one that runs them. A conditional
 * type, so that hovers show the signature and not this name, and that the same signature twice is one.
 */
type Signature<A extends readonly unknown[], R, As> = As extends 'coroutine'
  ? (...args: Arguments<A>) => Coroutine<Awaited<R>>
  : As extends 'sync'
    ? (...args: Arguments<A>) => Awaited<R>
    : As extends { readonly self: infer T }
      ? (
          ...args: Arguments<A>
        ) => Coroutine<IsSame<Awaited<R>, T> extends true ? Handle<T> : Awaited<R>>
      : (...args: A) => R extends Coroutine<infer T> ? T : never;

type Construction<A extends readonly unknown[], R, As> = As extends 'coroutine'
  ? new (...args: Arguments<A>) => Coroutine<Handle<Extract<R, object>>>
  : As extends 'sync'
    ? new (...args: Arguments<A>) => Handle<Extract<R, object>>
    : new (...args: A) => R extends Coroutine<infer T> ? T : never;

/**
 * Each of the last eight overloads of a function. Where it has fewer, TypeScript takes the first one for
 * those that are missing, and they fall together.
 */
export type Overloads<F, As> =
  IsAny<F> extends true
    ? Anything
    : F extends {
          (...args: infer A1): infer R1;
          (...args: infer A2): infer R2;
          (...args: infer A3): infer R3;
          (...args: infer A4): infer R4;
          (...args: infer A5): infer R5;
          (...args: infer A6): infer R6;
          (...args: infer A7): infer R7;
          (...args: infer A8): infer R8;
        }
      ? Signature<A1, R1, As> &
          Signature<A2, R2, As> &
          Signature<A3, R3, As> &
          Signature<A4, R4, As> &
          Signature<A5, R5, As> &
          Signature<A6, R6, As> &
          Signature<A7, R7, As> &
          Signature<A8, R8, As>
      : never;

/** The same for the constructors of a class. */
type Constructors<C, As> = C extends {
  new (...args: infer A1): infer R1;
  new (...args: infer A2): infer R2;
  new (...args: infer A3): infer R3;
  new (...args: infer A4): infer R4;
  new (...args: infer A5): infer R5;
  new (...args: infer A6): infer R6;
  new (...args: infer A7): infer R7;
  new (...args: infer A8): infer R8;
}
  ? Construction<A1, R1, As> &
      Construction<A2, R2, As> &
      Construction<A3, R3, As> &
      Construction<A4, R4, As> &
      Construction<A5, R5, As> &
      Construction<A6, R6, As> &
      Construction<A7, R7, As> &
      Construction<A8, R8, As>
  : C extends abstract new (...args: infer A) => infer I
    ? Construction<A, I, As>
    : never;

/**
 * A function that makes coroutines of the function `F`, with the same arguments: of each of its overloads,
 * as far as it has no more than eight. (Of more, the last eight are kept.)
 *
 * @example
 * ```ts
 * import { coroutine, run, type CoroutineFunction } from 'palitra';
 *
 * const double: CoroutineFunction<(n: number) => Promise<number>> = coroutine(async (n: number) => 2 * n);
 * console.log(run(double(21))); // 42
 * ```
 */
export type CoroutineFunction<F> = Overloads<F, 'coroutine'>;

/**
 * A class whose instances are constructed, and stay, on the loop thread.
 *
 * @example
 * ```ts
 * import { coroutines, get, run, type CoroutineClass } from 'palitra';
 *
 * const { Agent }: { Agent: CoroutineClass<typeof import('node:http').Agent> } = coroutines('node:http');
 * const agent = run(new Agent({ maxSockets: 8 }));
 * console.log(run(get(agent, 'maxSockets'))); // 8
 * ```
 */
export type CoroutineClass<C> = Constructors<C, 'coroutine'>;

type Member<T> =
  IsAny<T> extends true
    ? Anything
    : T extends AnyClass
      ? CoroutineClass<T> & Statics<Coroutines<T>>
      : T extends AnyFunction
        ? CoroutineFunction<T>
        : T extends object
          ? Coroutines<T>
          : never;

/** The members of a class itself, if it has any. */
type Statics<N> = [keyof N] extends [never] ? unknown : N;

/** Does it lead to a function? Asked apart from the key, or TypeScript asks it of all members for each key. */
type LeadsToFunction<T> =
  IsAny<T> extends true
    ? true
    : IsData<T> extends true
      ? false
      : [T] extends [Collection]
        ? false
        : true;

/** What a namespace is asked for: nothing that only classes have, and nothing that leads to no function. */
type MemberKey<T, K> = K extends 'prototype' | symbol
  ? never
  : LeadsToFunction<T> extends true
    ? K
    : never;

/**
 * A module as the calling thread sees it: each function makes a coroutine, each class makes a coroutine
 * of a handle, nested namespaces are followed, and what cannot be called is left out.
 *
 * Up to eight overloads of a function are kept, the last eight of more. Type parameters become what they
 * extend, or `unknown`: TypeScript cannot map them. Where that hurts, cast:
 * `api.load as (id: number) => Coroutine<Row>`.
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
  readonly [K in keyof M as MemberKey<M[K], K>]: Member<M[K]>;
};

/**
 * What the compiler says of a value that is no coroutine: `run(load(1))` is not assignable to a parameter of
 * this text. (The first branch lets it find out the type of the value.)
 */
export type Mistake<Value, Caller extends string> = [Value] extends [never]
  ? Value
  : Value extends Coroutine<unknown>
    ? never
    : Value extends PromiseLike<unknown>
      ? `${Caller}() takes a coroutine, not a promise, which can't settle while this thread is blocked. Write ${Caller}(api.load(1)) with api = coroutines('./api.js', import.meta).`
      : Value extends Handle<unknown>
        ? `${Caller}() takes a coroutine, not a handle. Write ${Caller}(session.load(1)) or ${Caller}(get(session, 'name')).`
        : // Of a coroutine function the compiler itself says that it wants to be called.
          Value extends (...args: never[]) => Coroutine<unknown>
          ? never
          : Value extends AnyFunction
            ? `${Caller}() takes a coroutine, not a function. Write ${Caller}(coroutine(fn)(…)).`
            : never;

/** What running a value comes to: of one of which nothing is known, nothing is known. */
export type Outcome<T, Value> = IsAny<Value> extends true ? Anything : T;

/**
 * `process.getBuiltinModule` knows the types of Node's own modules by their names, and is asked for them: the
 * list is then that of the `@types/node` that is there. Without it, or with an older one, nothing is known.
 */
/** @ts-ignore -- there may be no `process` */
type GetBuiltin = typeof process.getBuiltinModule;
/** @ts-ignore -- nor this */
type BuiltinModule<Name extends KnownName> = ReturnType<typeof process.getBuiltinModule<Name>>;

/** What cannot be resolved fits the number 1 as it fits everything; asked for it bare, it spreads. */
type KnownName = [GetBuiltin] extends [1]
  ? never
  : GetBuiltin extends { (name: infer Name): unknown; (name: string): unknown }
    ? Name
    : never;

/** What names one of Node's own modules. */
export type BuiltinName = KnownName | `node:${string}`;

/** The module of that name, whose members may be anything where it is not known. */
export type Builtin<Name> = Name extends KnownName ? BuiltinModule<Name> : Record<string, Anything>;

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
export type Sync<C> =
  IsAny<C> extends true
    ? C
    : C extends (...args: never[]) => Coroutine<unknown>
      ? Overloads<C, 'run'>
      : C extends new (...args: never[]) => Coroutine<unknown>
        ? Constructors<C, 'run'> & Statics<{ readonly [K in keyof C]: Sync<C[K]> }>
        : { readonly [K in keyof C]: Sync<C[K]> };

/**
 * A module as `sync(api, { values: true })` gives it: what is not a function by value, functions and classes
 * as `sync(api)` makes them, and nested namespaces likewise.
 *
 * @example
 * ```ts
 * import type { SyncModule } from 'palitra';
 *
 * declare const path: SyncModule<typeof import('node:path')>;
 * export const usage = (): string => path.join('a', path.sep, 'b');
 * ```
 */
export type SyncModule<M> = {
  readonly [K in keyof M as K extends 'prototype' ? never : K]: SyncMember<M[K]>;
};

type SyncMember<T> =
  IsData<T> extends true
    ? T
    : T extends AnyClass
      ? Constructors<T, 'sync'> & Statics<SyncModule<T>>
      : T extends AnyFunction
        ? Overloads<T, 'sync'>
        : T extends Atomic | Collection
          ? T
          : SyncModule<T>;

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

/** Of a coroutine of which nothing is known, nothing is known. */
type ResultOf<C> = IsAny<C> extends true ? C : C extends Coroutine<infer T> ? T : never;

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
  -readonly [K in keyof C]: ResultOf<C[K]>;
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
  -readonly [K in keyof C]: ResultOf<C[K]> | Error;
};

/**
 * How coroutines ended, in their order, as `Promise.allSettled` says it.
 *
 * @example
 * ```ts
 * import type { Coroutine, SettledResults } from 'palitra';
 *
 * const settled: SettledResults<[Coroutine<number>, Coroutine<string>]> = [
 *   { status: 'fulfilled', value: 1 },
 *   { status: 'rejected', reason: new Error('late') },
 * ];
 * console.log(settled.map(({ status }) => status)); // [ 'fulfilled', 'rejected' ]
 * ```
 */
export type SettledResults<C extends readonly unknown[]> = {
  -readonly [K in keyof C]: PromiseSettledResult<ResultOf<C[K]>>;
};
