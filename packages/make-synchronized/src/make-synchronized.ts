import { describe } from './describe.ts';
import { isServer } from './server.ts';
import { Synchronizer } from './synchronizer.ts';
import type {
  AnyFunction,
  AsynchronousFunction,
  Module,
  ModuleWithDefaultFunction,
  ObjectWithFunctions,
  PropertyPath,
  SynchronizedDefaultExport,
  SynchronizedFunction,
  SynchronizedObject,
} from './types.ts';

/**
 * Makes a function written in place synchronous. It captures nothing: what it needs comes as arguments or by
 * `import()`.
 *
 * @example
 * ```js
 * import makeSynchronized from '@palitra/make-synchronized';
 *
 * const double = makeSynchronized(async (n) => n * 2);
 * console.log(double(21)); // 42
 * ```
 */
export function makeSynchronized<F extends AnyFunction = AnyFunction>(
  implementation: F,
): SynchronizedFunction<F>;
/** Makes the functions of a module synchronous. A default export that is a function is called directly. */
export function makeSynchronized<M = ObjectWithFunctions>(
  module: Module,
): M extends ModuleWithDefaultFunction ? SynchronizedDefaultExport<M> : SynchronizedObject<M>;
/** For a module that exports itself as synchronous: the module, as `import.meta`, and what it exports. */
export function makeSynchronized<I extends ObjectWithFunctions | AnyFunction>(
  module: Module,
  implementation: I,
): I extends AnyFunction
  ? SynchronizedFunction<I>
  : I extends ObjectWithFunctions
    ? SynchronizedObject<I>
    : never;
export function makeSynchronized(
  module: Module | AnyFunction,
  implementation?: ObjectWithFunctions | AnyFunction,
): unknown {
  if (typeof module === 'function') return makeInlineFunctionSynchronized(module);
  if (typeof implementation === 'function') {
    return makeSynchronizedFunction(module, implementation as AsynchronousFunction);
  }
  if (implementation) return makeSynchronizedFunctions(module, implementation);
  const synchronizer = Synchronizer.ofModule(module);
  return synchronizer.describe('default').kind === 'function'
    ? synchronizer.defaultFunction()
    : synchronizer.module();
}

/** Makes the default export of a module synchronous. */
export function makeDefaultExportSynchronized<
  M extends ModuleWithDefaultFunction = ModuleWithDefaultFunction,
>(module: Module): SynchronizedFunction<M['default']> {
  return Synchronizer.ofModule(module).get('default') as SynchronizedFunction<M['default']>;
}

/** Makes all functions that a module exports synchronous, the default export under its name `default`. */
export function makeModuleSynchronized<M extends ObjectWithFunctions = ObjectWithFunctions>(
  module: Module,
): SynchronizedObject<M> {
  return Synchronizer.ofModule(module).module() as SynchronizedObject<M>;
}

/** For a module that exports this function as synchronous, by default as its default export. */
export function makeSynchronizedFunction<F extends AsynchronousFunction = AsynchronousFunction>(
  module: Module,
  implementation: F,
  specifier: PropertyPath = 'default',
): SynchronizedFunction<F> {
  if (isServer()) return implementation as never;
  const synchronizer = Synchronizer.ofModule(module);
  synchronizer.know(specifier, describe(implementation));
  return synchronizer.get(specifier) as SynchronizedFunction<F>;
}

/** For a module that exports the functions of this object as synchronous, each under its own name. */
export function makeSynchronizedFunctions<O extends ObjectWithFunctions = ObjectWithFunctions>(
  module: Module,
  implementation: O,
): SynchronizedObject<O> {
  if (isServer()) return implementation;
  const synchronizer = Synchronizer.ofModule(module);
  return new Proxy(implementation, {
    get: (target, property): unknown => {
      const value: unknown = target[property as string];
      if (typeof value !== 'function' || typeof property === 'symbol') return value;
      synchronizer.know(property, describe(value));
      return synchronizer.get(property);
    },
  });
}

/** Makes a function written in place, or its source text, synchronous. */
export function makeInlineFunctionSynchronized<F extends AnyFunction = AnyFunction>(
  implementation: F | string,
): SynchronizedFunction<F> {
  const code =
    typeof implementation === 'function'
      ? Function.prototype.toString.call(implementation)
      : implementation;
  const synchronizer = Synchronizer.ofFunction(code);
  synchronizer.know('default', { kind: 'function' });
  return synchronizer.get('default') as SynchronizedFunction<F>;
}
