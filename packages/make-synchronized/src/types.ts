/** The address of a module: what it is, or what has it. */
export type Module =
  | string
  | URL
  | { readonly href: string }
  | ImportMeta
  | { readonly url: string }
  | { readonly filename: string };

// oxlint-disable-next-line typescript/no-explicit-any -- any function fits
export type AnyFunction = (...argumentsList: any[]) => any;
// oxlint-disable-next-line typescript/no-explicit-any -- any function fits
export type AsynchronousFunction = (...argumentsList: any[]) => Promise<any>;
// oxlint-disable-next-line typescript/no-explicit-any -- any object fits
export type ObjectWithFunctions = Record<string, any>;
export type PropertyPath = undefined | string | string[];

export type SynchronizedFunction<F extends AnyFunction = AnyFunction> = (
  ...argumentsList: Parameters<F>
) => Awaited<ReturnType<F>>;

/** The same object with its asynchronous functions made synchronous. */
export type SynchronizedObject<O = ObjectWithFunctions> = {
  [Key in keyof O]: O[Key] extends AsynchronousFunction
    ? SynchronizedFunction<O[Key]>
    : Awaited<O[Key]>;
};

export type ModuleWithDefaultFunction = ObjectWithFunctions & { default: AnyFunction };

export type SynchronizedDefaultExport<M extends ModuleWithDefaultFunction> = SynchronizedFunction<
  M['default']
> &
  SynchronizedObject<M>;
