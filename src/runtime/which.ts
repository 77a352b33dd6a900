const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };

/** For the few places where the runtimes differ in a way that matters here; all of them are in this folder. */
export const isBun = bun !== undefined;
export const isDeno = deno !== undefined;
export const isNode = !isBun && !isDeno;
