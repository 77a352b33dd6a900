/** A module of palitra's inside as it was compiled, which the package has in one file with others: `wire/inbox`. */
export async function importInternal(name: string): Promise<unknown> {
  return import(new URL(`../../src/${name}.js`, import.meta.url).href);
}
