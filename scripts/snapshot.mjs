import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Fails, showing the difference, unless the committed file says what it should; or updates it. */
export function compareSnapshot(name, text, updateCommand) {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (process.argv.includes('--update')) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  const diff = spawnSync('diff', ['-u', existsSync(file) ? file : '/dev/null', '-'], {
    input: text,
    encoding: 'utf8',
  });
  if (diff.status === 0) return;
  console.error(diff.stdout);
  console.error(`${name} does not match. If the change is meant: ${updateCommand}`);
  process.exitCode = 1;
}
