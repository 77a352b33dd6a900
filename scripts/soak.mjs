// Runs the soak: `npm run test:soak -- [--runtime node24] [calls] [delayed calls] [seed] [random values]`, or the long
// comparison of values: `npm run test:values -- [--runtime node24] [count] [first seed]`. Another runtime than this
// one is one of those in runtime-tests/.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installRuntimes, runtimes } from '../runtime-tests/runtimes.mjs';

const [program, ...args] = process.argv.slice(2);
const at = args.indexOf('--runtime');
const [name] = at === -1 ? [] : args.splice(at, 2).slice(1);
if (name !== undefined && !Object.hasOwn(runtimes, name)) {
  throw new Error(`There is no runtime "${name}": ${Object.keys(runtimes).join(', ')}.`);
}
if (name !== undefined) installRuntimes();
const { binary, runArgs } = runtimes[name] ?? { binary: process.execPath, runArgs: [] };
const soak = fileURLToPath(new URL(`../.build/test/soak/${program}.js`, import.meta.url));
process.exitCode = spawnSync(binary, [...runArgs, soak, ...args], { stdio: 'inherit' }).status ?? 1;
