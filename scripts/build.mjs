// Builds the package: bundles the loop thread's code into one string, then compiles everything.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
process.chdir(root);

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await mkdir('src/generated', { recursive: true });

/** Bundles what runs on the loop thread into one string, which no bundler of a user's can lose. */
async function bundle(input, name, constant, sourceUrl) {
  const build = await rolldown({ input, platform: 'node', external: /^node:/ });
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

const source = await bundle('src/loop/entry.ts', 'loop-source', 'loopSource', 'palitra/worker.js');
await bundle('src/fetch/on-loop.ts', 'fetch-source', 'fetchSource', 'palitra/fetch.js');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
await writeFile('dist/worker.js', source);
await writeFile('dist/worker.d.ts', 'export {};\n');
// The command: npm makes it executable where it is installed, but not where the checkout is linked.
await chmod('dist/bullmq/cli.js', 0o755);
