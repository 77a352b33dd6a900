// What JSR would say to the sources: `deno publish --dry-run`, which finds types that would be slow to infer, and files
// that are missing. Types are checked by tsc, against Node's; Deno's own differ in places. `palitra/bullmq` is not there: its loop thread's code is found as a .js file beside it.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimes } from './runtimes.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
if (read('jsr.json').version !== read('package.json').version) {
  throw new Error('jsr.json and package.json are of different versions.');
}
if (!existsSync(join(here, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
}
// In a copy, because src/generated/ is not in the repository and Deno leaves files behind.
const copy = mkdtempSync(join(tmpdir(), 'palitra-jsr-'));
try {
  for (const file of ['src', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.json', 'jsr.json']) {
    cpSync(join(root, file), join(copy, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const { status, stdout, stderr } = spawnSync(
    runtimes.deno.binary,
    ['publish', '--dry-run', '--allow-dirty', '--no-check'],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status !== 0) console.error(stdout + stderr);
  else console.log('JSR: dry run complete');
  process.exitCode = status ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
