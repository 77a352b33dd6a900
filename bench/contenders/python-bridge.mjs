// Prints what workers/bridge.py measures by itself: the same passes, in Python.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../workers/bridge.py', import.meta.url));
try {
  process.stdout.write(execFileSync('python3', [file], { encoding: 'utf8' }));
} catch (error) {
  throw new Error(error.code === 'ENOENT' ? 'there is no python3' : error.message);
}
