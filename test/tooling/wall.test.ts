import { match, equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What the linter says of one more file in a copy of the project. */
function lintWith(file: string, text: string): { status: number | null; report: string } {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-wall-'));
  try {
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'tsconfig.base.json', 'package.json']) {
      cpSync(join(root, name), join(folder, name));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '--deny-warnings', file],
      { cwd: folder, encoding: 'utf8' },
    );
    return { status, report: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the linter accepts a file that keeps to its side', () => {
  const { status, report } = lintWith(
    'src/caller/new.ts',
    "import { readWord } from '../wire/atomics.ts';\n\nexport const read = readWord;\n",
  );
  equal(status, 0, report);
});

for (const [file, imported] of [
  ['src/caller/new.ts', '../loop/pump.ts'],
  ['src/loop/new.ts', '../caller/wait.ts'],
  ['src/wire/new.ts', '../caller/wait.ts'],
  ['src/wire/new.ts', '../loop/pump.ts'],
]) {
  test(`the linter refuses ${imported} in ${file}`, () => {
    const { status, report } = lintWith(file!, `export * as imported from '${imported}';\n`);
    equal(status, 1);
    match(report, /no-restricted-imports/);
  });
}

for (const file of ['src/caller/new.ts', 'src/loop/new.ts', 'src/wire/new.ts', 'src/new.ts']) {
  test(`the linter refuses Atomics in ${file}`, () => {
    const { status, report } = lintWith(
      file,
      'export const value = Atomics.load(new Int32Array(1), 0);\n',
    );
    equal(status, 1);
    match(report, /no-restricted-globals.*|Atomics are used in src\/wire\/atomics\.ts only/);
  });
}
