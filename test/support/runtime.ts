/** Where the tests run: for the few expectations that differ. docs/runtimes.md says why they do. */
export const isBun = 'bun' in process.versions;
export const isDeno = 'deno' in process.versions;
export const isNode = !isBun && !isDeno;
