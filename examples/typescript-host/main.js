import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coroutines, run } from 'palitra';
import { checkCommit } from './check.js';

const sample = coroutines('./sample.js', import.meta);
const folder = mkdtempSync(join(tmpdir(), 'typescript-host-'));
run(sample.makeRepository(folder));

for (const ref of ['v1', 'main']) {
  console.log(`${ref}: ${checkCommit(folder, ref).trim() || 'no mistakes'}`);
}
rmSync(folder, { recursive: true });
