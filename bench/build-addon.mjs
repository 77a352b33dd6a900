// Compiles the addons of the two deasyncs, once. Without a compiler the benchmark runs all the same, and
// says in its tables that these contenders are missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const binaries = {
  '@kaciras/deasync': 'binding.node',
  deasync: 'deasync.node',
};

for (const [name, binary] of Object.entries(binaries)) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const isCompiled = () => existsSync(new URL(`build/Release/${binary}`, folder));
  if (isCompiled()) continue;
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', 'build:addon', '--', `--directory=node_modules/${name}`],
    {
      cwd: new URL('.', import.meta.url),
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0 || !isCompiled())
    console.error(
      `${stdout}${stderr}\nThe addon of ${name} could not be compiled: it will be missing.\n`,
    );
}
