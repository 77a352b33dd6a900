// Builds the drop-in packages under packages/: for each a file for `import`, one for `require` where the original has
// one, the code of the loop thread, and the types of both in one file each. They import palitra, which is built before.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { collectDeclarations } from './declarations.mjs';
import { packages } from './packages.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const ofBuild = join(root, '.build/packages');

process.chdir(root);
rmSync(ofBuild, { recursive: true, force: true });
linkPalitra();
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'packages'], {
  stdio: 'inherit',
});
for (const name of packages) await build(name);

/** Where the packages, their tests and the compiler find palitra, as if it were installed. */
function linkPalitra() {
  const modules = join(root, 'packages/node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(join(modules, '@palitra'), { recursive: true });
  symlinkSync(root, join(modules, 'palitra'), 'junction');
  for (const name of packages) {
    symlinkSync(join(root, 'packages', name), join(modules, '@palitra', name), 'junction');
  }
}

async function build(name) {
  const folder = join(root, 'packages', name);
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const hasCommonJs = main?.endsWith('.cjs') ?? false;
  const types = declarationOf(join(ofBuild, name, 'src/index.d.ts'));
  await bundle(join(folder, 'src/index.ts'), join(dist, 'index.js'), 'esm');
  await bundle(join(folder, 'src/worker.ts'), join(dist, 'worker.js'), 'esm');
  writeFileSync(join(dist, 'index.d.ts'), types);
  if (hasCommonJs) {
    await bundle(join(folder, 'src/index.ts'), join(dist, 'index.cjs'), 'cjs');
    writeFileSync(join(dist, 'index.d.cts'), types);
  }
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

async function bundle(input, file, format) {
  if (!existsSync(input)) return;
  const build = await rolldown({ input, platform: 'node', external: [/^node:/, /^palitra/] });
  await build.write({ file, format, comments: false, exports: 'named', codeSplitting: false });
  await build.close();
}

/** All declarations that the entry reaches, in one file: each name stands for one thing. */
function declarationOf(entry) {
  const imports = new Set();
  const text = [...collectDeclarations(entry).values()]
    .reverse()
    .join('\n')
    .replaceAll(/^import type .* from '(?:node:[^']+|palitra[^']*)';\n/gm, (statement) => {
      imports.add(statement);
      return '';
    })
    .replaceAll(/^(?:import|export)[^;]* from '\.[^']*';\n/gm, '');
  return `${[...imports].join('')}${text}`;
}
