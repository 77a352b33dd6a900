import { contextStorage, hasContext, type ContextEntry } from '../wire/contexts.ts';

/** So many names may come out of the queue that no module here has used: each of them stays for ever. */
const MOST_FOREIGN = 100;
let foreign = 0;

/**
 * Makes the shared contexts of a call known on this worker.
 *
 * @throws {RangeError} when too many strange names have come: somebody is making them up.
 */
export function admitContexts(entries: readonly ContextEntry[]): void {
  for (const [name] of entries) {
    if (hasContext(name)) continue;
    if (foreign === MOST_FOREIGN) {
      throw new RangeError(
        `The call brings the shared context ${JSON.stringify(name.slice(0, 100))}, which no module of this worker has, ` +
          `and ${MOST_FOREIGN} such names have come already: make it with sharedContext() in a module that is served.`,
      );
    }
    foreign += 1;
    contextStorage(name);
  }
}
