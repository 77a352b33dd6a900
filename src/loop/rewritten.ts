/** A tool that rewrites functions, known by the names of the variables that it writes into them. */
interface Tool {
  readonly pattern: RegExp;
  readonly name: string;
  /** What else helps than to put the function into a module of its own. */
  readonly remedy?: string;
}

const tools: readonly Tool[] = [
  {
    pattern: /^cov_\w+$/,
    name: 'A coverage tool',
    remedy: 'write /* istanbul ignore next */ in front of the function',
  },
  { pattern: /^__vi_|^__vite_/, name: 'Vite or Vitest' },
  {
    pattern: /^__webpack_/,
    name: 'webpack',
    remedy: "write import(/* webpackIgnore: true */ '…')",
  },
  { pattern: /^__(?:name|publicField|async|await|export|toESM|commonJS)$/, name: 'esbuild' },
  {
    pattern: /^_interop|^_async|^_await|^_object|^__(?:awaiter|generator|rest|assign|values|read)$/,
    name: 'A compiler for older targets or CommonJS (Babel, SWC, TypeScript)',
  },
];

/**
 * Why a variable that the source text of a function needs is not there. It was left behind in the
 * surrounding scope, by its author or by a tool that has rewritten the function.
 */
export function explainMissing(variable: string): string {
  const tool = tools.find(({ pattern }) => pattern.test(variable));
  if (tool === undefined) {
    return (
      `${variable} is not defined. A function given to coroutine() is sent as source text and captures nothing: ` +
      `pass ${variable} as an argument, or import() it inside the function. ` +
      `If you did not write ${variable}, a bundler, compiler or coverage tool did: ` +
      `put the function into a module of its own and use coroutines('./module.js', import.meta).`
    );
  }
  const or = tool.remedy === undefined ? '' : `, or ${tool.remedy}`;
  return (
    `${variable} is not defined. ${tool.name} has written it into a function given to coroutine(), which is sent as source text and captures nothing: ` +
    `put the function into a module of its own and use coroutines('./module.js', import.meta)${or}.`
  );
}

/**
 * Puts into place what is only decoration: esbuild and tsx name functions with it, and Vite's server
 * imports with it, of which what needs no Vite is done as it was written.
 */
export function withStandIns(code: string): string {
  let standIns = '';
  if (/\b__name\b/.test(code)) standIns += 'const __name=(fn)=>fn;';
  if (code.includes('__vite_ssr_dynamic_import__')) {
    standIns += 'const __vite_ssr_dynamic_import__=(specifier)=>import(specifier);';
  }
  return standIns === '' ? code : `(()=>{${standIns}return ${code}})()`;
}
