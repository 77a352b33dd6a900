/** What there is at a path of a module, as far as it need be known to give the like of it. */
export type Description =
  | { readonly kind: 'function' | 'other' }
  | { readonly kind: 'primitive'; readonly value: unknown }
  | {
      readonly kind: 'object';
      readonly hasNoPrototype: boolean;
      /** Its own names, with the value of those that are primitive. */
      readonly members: readonly (readonly [
        name: string,
        primitive?: { readonly value: unknown },
      ])[];
    };

const isPrimitive = (value: unknown): boolean =>
  value === null || !['object', 'function', 'symbol'].includes(typeof value);

export function describe(value: unknown): Description {
  if (typeof value === 'function') return { kind: 'function' };
  if (isPrimitive(value)) return { kind: 'primitive', value };
  if (typeof value !== 'object') return { kind: 'other' };
  const hasNoPrototype = Object.getPrototypeOf(value) === null;
  const isPlain = hasNoPrototype || (value as object).constructor === Object;
  if (!isPlain) return { kind: 'other' };
  const members = Object.keys(value as object).map((name) => {
    const property = Object.getOwnPropertyDescriptor(value, name)!;
    const isKnown = 'value' in property && isPrimitive(property.value);
    return isKnown ? ([name, { value: property.value as unknown }] as const) : ([name] as const);
  });
  return { kind: 'object', hasNoPrototype, members };
}
