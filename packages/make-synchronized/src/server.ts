/** Set on the loop threads of this package, where a module that makes itself synchronous is what it is. */
export const serverSymbol: unique symbol = Symbol.for('@palitra/make-synchronized.server') as never;

export const isServer = (): boolean => serverSymbol in globalThis;
