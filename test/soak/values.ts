// Compares values made from seeds with `structuredClone`: npm run test:values -- [--runtime node24] [count] [first seed]
import { shutdownGlobalRunner } from 'palitra';
import { checkGenerated } from '../values/generated.ts';

const [count = 200_000, first = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const failed: number[] = [];
for (let seed = first; seed < first + count && failed.length < 20; seed++) {
  try {
    checkGenerated(seed);
  } catch (error) {
    failed.push(seed);
    console.log(String((error as Error).message).slice(0, 1500));
  }
}
shutdownGlobalRunner();
console.log(`${count} values from seed ${first} on: ${failed.length} failed ${failed.join(' ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
