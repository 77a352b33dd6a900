// Builds the package: bundles the loop thread's code into one string, compiles everything, and writes what is published:
// a few files instead of eighty, because each file costs an import on the way to the first call.
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { declarationsOf, publicEntries } from './declarations.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
process.chdir(root);

const compiled = join(root, '.build/src');
const external = [/^node:/, 'bullmq', 'ioredis'];

/**
 * Builtins are not imported in what is published: an `import` makes a namespace of all that a builtin exports, loads
 * what stands behind its getters (`fs.promises`), and is paid by every program before its first line.
 */
const builtins = {
  name: 'builtins',
  renderChunk: (code) =>
    code.replace(
      /^import (?:(\w+)(?:,? ))?(?:\{ (.*) \} )?from "(node:[\w/]+)";$|^import .*"node:.*$/gm,
      (statement, all, names, name) => {
        if (name === undefined) throw new Error(`not known how to take this: ${statement}`);
        const patterns = [all, names && `{ ${names.replaceAll(' as ', ': ')} }`];
        return patterns
          .filter(Boolean)
          .map((pattern) => `const ${pattern} = process.getBuiltinModule("${name}");`)
          .join('\n');
      },
    ),
};

for (const folder of ['dist', compiled]) await rm(folder, { recursive: true, force: true });
for (const folder of ['dist', 'src/generated']) await mkdir(folder, { recursive: true });

const loopSource = await bundleToString(
  'src/loop/entry.ts',
  'loop-source',
  'loopSource',
  'palitra/worker.js',
);
await bundleToString('src/fetch/on-loop.ts', 'fetch-source', 'fetchSource', 'palitra/fetch.js');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
await writePackage();

/** Bundles what runs on the loop thread into one string, which no bundler of a user's can lose. */
async function bundleToString(input, name, constant, sourceUrl) {
  const build = await rolldown({
    input,
    platform: 'node',
    external: /^node:/,
    plugins: [builtins],
  });
  const { output } = await build.generate({ format: 'esm', comments: false });
  await build.close();
  if (output.length !== 1) throw new Error(`${input} became ${output.length} files instead of one`);
  const source = `${output[0].code}\n//# sourceURL=${sourceUrl}\n`;
  await writeFile(
    `src/generated/${name}.ts`,
    `/** ${input} and what it imports. Made by scripts/build.mjs. */\nexport const ${constant}: string = ${JSON.stringify(source)};\n`,
  );
  return source;
}

/**
 * One file for each entry; `palitra-core.js` with what is behind `palitra`, and `palitra-loop.js` with as
 * much of it as `palitra/loop` needs. `caller/stack.ts` knows palitra's own frames by those names.
 */
async function writePackage() {
  const entries = [...publicEntries, 'bullmq/cli', 'bullmq/queue-loop'];
  const ofLoop = await modulesBehind('loop/index');
  const ofCore = await modulesBehind('index');
  const build = await rolldown({
    ...input(entries),
    plugins: [builtins],
    // That the package is free of side effects is said of what is published.
    treeshake: { moduleSideEffects: (id) => id.startsWith(compiled) },
  });
  await build.write({
    dir: 'dist',
    format: 'esm',
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: ({ moduleIds }) =>
      moduleIds.some((id) => id.includes('/bullmq/')) ? 'bullmq/[name].js' : '[name].js',
    codeSplitting: {
      groups: [
        { name: 'palitra-loop', test: (id) => ofLoop.has(id), priority: 2 },
        { name: 'palitra-core', test: (id) => ofCore.has(id), priority: 1 },
      ],
    },
  });
  await build.close();
  for (const file of declarationsOf(compiled))
    await cp(file, join('dist', relative(compiled, file)));
  await writeFile('dist/worker.js', loopSource);
  await writeFile('dist/worker.d.ts', 'export {};\n');
  // The command: npm makes it executable where it is installed, but not where the checkout is linked.
  await chmod('dist/bullmq/cli.js', 0o755);
}

/** Every module that the entry imports, without itself. */
async function modulesBehind(entry) {
  const build = await rolldown(input([entry]));
  const { output } = await build.generate({ codeSplitting: false });
  await build.close();
  const [{ facadeModuleId, moduleIds }] = output;
  return new Set(moduleIds.filter((id) => id !== facadeModuleId));
}

function input(entries) {
  return {
    input: Object.fromEntries(entries.map((name) => [name, join(compiled, `${name}.js`)])),
    platform: 'node',
    external,
  };
}
