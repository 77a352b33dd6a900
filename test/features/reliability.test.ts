import { test } from 'node:test';
import { deepEqual } from 'node:assert/strict';
import { runScript } from '../support/child.ts';
import type { Kind } from '../support/identity.ts';

const seed = Date.now() % 2 ** 31;
const counts: Record<Kind, number> = {
  numbers: 20_000,
  delayed: 500,
  values: 2_000,
  groups: 200,
  tasks: 500,
};

for (const [kind, count] of Object.entries(counts)) {
  test(`${count} calls of the kind “${kind}” each return their own argument`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    const { code, stdout, stderr, isHung } = await runScript(
      `
      import { checkIdentity } from './../support/identity.js';
      console.log(checkIdentity('${kind}', ${count}, ${seed}).calls);`,
    );
    deepEqual(
      { code, stdout, stderr, isHung },
      { code: 0, stdout: `${count}\n`, stderr: '', isHung: false },
    );
  });
}
