import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type * as Palitra from 'palitra';
import { createProject } from '../support/project.ts';

test('minified by a bundler, errors keep their names and classes, also those that come from the loop thread', async () => {
  const project = await createProject({});
  try {
    const bundle = await rolldown({
      input: fileURLToPath(import.meta.resolve('palitra')),
      platform: 'node',
      external: /^node:/,
    });
    await bundle.write({ file: project.path('bundle.mjs'), format: 'esm', minify: true });
    await bundle.close();
    const palitra = (await import(project.url('bundle.mjs').href)) as typeof Palitra;
    const { coroutine, EventLoopThreadRunner, NeverSettledError, RunnerClosedError } = palitra;
    const hang = coroutine(() => new Promise(() => undefined));

    const runner = new EventLoopThreadRunner();
    let error = failureOf(() => runner.run(hang())) as Palitra.NeverSettledError;
    equal(error.name, 'NeverSettledError');
    ok(error instanceof NeverSettledError);
    equal(Object.getPrototypeOf(error), NeverSettledError.prototype);
    runner.close();
    error = failureOf(() => runner.run(hang())) as Palitra.NeverSettledError;
    equal(error.name, 'RunnerClosedError');
    ok(error instanceof RunnerClosedError);
  } finally {
    await project.remove();
  }
});

function failureOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
