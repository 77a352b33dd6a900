import { test } from 'node:test';
import { checkLeaks } from '../support/leaks.ts';
import { checkGenerated } from './generated.ts';

checkLeaks({ per: 'file' });

/** 200,000 in the long run: npm run test:values */
const COUNT = 2000;
const first = Number(process.env['PALITRA_SEED'] ?? Date.now() % 2 ** 31);

test(`${COUNT} values made from seeds arrive as structuredClone makes them (from seed ${first} on)`, () => {
  for (let seed = first; seed < first + COUNT; seed++) checkGenerated(seed);
});
