import { test } from 'node:test';
import { throws } from 'node:assert/strict';
import { QueueRunner, remoteCoroutines } from 'palitra/bullmq';
import { checkLeaks } from '../support/leaks.ts';

checkLeaks();

test('a signal that only a timer of this thread aborts is refused before anything is queued', () => {
  // Nobody listens there, and nobody is asked.
  using runner = new QueueRunner({ queue: 'none', connection: { host: '127.0.0.1', port: 1 } });
  const tasks = remoteCoroutines<{ resize(id: number): Promise<void> }>('tasks');
  const refusal = { name: 'TypeError', message: /Write \{ timeout: 2_000 \} instead/ };
  const options = { signal: AbortSignal.timeout(3_600_000) };
  throws(() => runner.run(tasks.resize(1), options), refusal);
  throws(() => runner.gather([tasks.resize(1)], options), refusal);
  throws(() => runner.stats(options), refusal);
});
