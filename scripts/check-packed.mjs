// Compares what `npm pack` would publish with packed-files.txt. With --update, accepts it.
import { execFileSync } from 'node:child_process';
import { compareSnapshot } from './snapshot.mjs';

const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  encoding: 'utf8',
});
const parsed = JSON.parse(output);
const [pack] = Array.isArray(parsed) ? parsed : Object.values(parsed);
const files = pack.files.map(({ path }) => path).sort();

compareSnapshot('packed-files.txt', `${files.join('\n')}\n`, 'npm run packed:update');
