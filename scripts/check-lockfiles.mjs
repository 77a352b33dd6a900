// No lock file names a registry: whoever installs may use another one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', '*package-lock.json'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);
for (const file of files) {
  if (/"resolved":\s*"https?:/.test(readFileSync(file, 'utf8'))) {
    console.error(
      `${file} holds resolved addresses: npm config set omit-lockfile-registry-resolved true, and install again.`,
    );
    process.exitCode = 1;
  }
}
