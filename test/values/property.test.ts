import { test } from 'node:test';
import { checkLeaks } from '../support/leaks.ts';
import { checkAnyValue } from './any-value.ts';

checkLeaks({ per: 'file' });

/** 100,000 in the long run: npm run test:soak */
const numRuns = Number(process.env['PALITRA_FC_RUNS'] ?? 500);
const seed = Number(process.env['PALITRA_FC_SEED'] ?? Date.now() % 2 ** 31);

test(`any value arrives as structuredClone would make it, there and back (${numRuns} values, seed ${seed})`, () => {
  checkAnyValue(numRuns, seed);
});
