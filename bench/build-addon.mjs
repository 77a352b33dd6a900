// Compiles the addon of @kaciras/deasync, once. Without a compiler the benchmark runs all the same, and
// says in its tables that this contender is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const binary = new URL('node_modules/@kaciras/deasync/build/Release/binding.node', import.meta.url);

if (!existsSync(binary)) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build:addon'], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0 || !existsSync(binary)) {
    console.error(
      `${stdout}${stderr}\nThe addon of @kaciras/deasync could not be compiled: it will be missing.\n`,
    );
  }
}
