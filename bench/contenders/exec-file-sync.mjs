import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { contend } from '../harness/contend.mjs';

const program = fileURLToPath(new URL('../workers/echo-once.mjs', import.meta.url));

await contend({
  label: 'execFileSync(node)',
  load: async () => ({
    echo: (value) =>
      JSON.parse(
        execFileSync(process.execPath, [program, JSON.stringify(value)], { encoding: 'utf8' }),
      ),
  }),
});
