import { run } from './program.js';

/** Debian's Python has Debian's packages; another one may come first on the path. */
const pythons = ['python3', '/usr/bin/python3'];

/** A Python that can import the module, or one that can at least compile, or neither. */
export async function findPython(module) {
  let compiler;
  for (const python of pythons) {
    if ((await run(python, ['-c', ''])).code !== 0) continue;
    compiler ??= python;
    if ((await run(python, ['-c', `import ${module}`])).code === 0)
      return { interpreter: python, compiler };
  }
  return { compiler };
}
