// Makes every function of `src/wire/atomics.ts` pause before and after what it does, at points that a seed decides:
// between any two operations of one thread the other may do whatever it likes, and on most days does not.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the operations themselves stand in such a build. */
const REAL = 'unpaused-atomics';
const SLEEP = 'sleepWhile';

/**
 * In a copy of the checkout that has been built once: the module keeps its name for those who import it, on both
 * threads, and whatever it exports is found out from what was built. Nothing here knows the functions but `sleepWhile`.
 */
export async function pauseAtomics(folder) {
  const wire = join(folder, 'src/wire');
  const built = await import(pathToFileURL(join(folder, '.build/src/wire/atomics.js')).href);
  const names = Object.keys(built).filter((name) => typeof built[name] === 'function');
  if (!names.includes(SLEEP))
    throw new Error(`wire/atomics.ts has no ${SLEEP}(): look at paused-atomics.mjs`);
  renameSync(join(wire, 'atomics.ts'), join(wire, `${REAL}.ts`));
  const template = readFileSync(new URL('paused-atomics.ts.txt', import.meta.url), 'utf8');
  const paused = names.map((name) => `export const ${name} = paused(real.${name}, '${name}');\n`);
  writeFileSync(join(wire, 'atomics.ts'), template + paused.join(''));
}
