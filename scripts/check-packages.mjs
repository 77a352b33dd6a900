// The drop-in packages: their versions are palitra's, and publint and attw find nothing in what is published.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { packages } from './packages.mjs';

const LARGEST_BYTES = 40_000;
const read = (folder) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
const { version } = read('.');
for (const name of packages) {
  const folder = `packages/${name}`;
  const own = read(folder);
  if (own.version !== version || own.dependencies.palitra !== version) {
    throw new Error(
      `${folder}/package.json has to say ${version}, as its own version and as that of palitra.`,
    );
  }
  const [{ size, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8' }),
  );
  if (size > LARGEST_BYTES)
    throw new Error(`${folder}: ${size} bytes packed, above ${LARGEST_BYTES}.`);
  console.log(`${own.name}: ${files.length} files, ${size} bytes packed`);
  execFileSync('npx', ['publint', '--strict', folder], { stdio: 'inherit' });
  const profile =
    own.main?.endsWith('.cjs') || own.exports['.'].require ? [] : ['--profile', 'esm-only'];
  execFileSync('npx', ['attw', '--pack', folder, ...profile], { stdio: 'inherit' });
}
