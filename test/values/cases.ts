/** One value of the tables, made anew each time, on whichever thread asks. */
export interface ValueCase {
  readonly name: string;
  readonly make: () => unknown;
  /** What arrives, where that is not what `structuredClone` makes of it. */
  readonly expect: () => unknown;
}

/** A maker of a value; or two, where another value arrives than `structuredClone` would make. */
type Makers = (() => unknown) | readonly [make: () => unknown, expect: () => unknown];

export function casesOf(makers: Readonly<Record<string, Makers>>): ValueCase[] {
  return Object.entries(makers).map(([name, maker]) => {
    if (typeof maker !== 'function') return { name, make: maker[0], expect: maker[1] };
    return { name, make: maker, expect: () => structuredClone(maker()) };
  });
}

/** What arrives as it was. */
export function itself(make: () => unknown): Makers {
  return [make, make];
}
