import { test } from 'node:test';
import { equal, ok } from 'node:assert/strict';
import { coroutines, run } from 'palitra';
import { describeGraph } from '../support/graph.ts';
import { checkLeaks } from '../support/leaks.ts';
import { values, type Group } from './values.ts';

checkLeaks({ per: 'file' });

const remote = coroutines<typeof import('../fixtures/values.ts')>(
  '../fixtures/values.js',
  import.meta,
);

for (const [group, cases] of Object.entries(values)) {
  for (const [index, { name, make, expect }] of cases.entries()) {
    test(`${group} arrive as structuredClone makes them: ${name}`, () => {
      const expected = describeGraph(expect());
      equal(run(remote.describe(make())), expected, 'as an argument');
      equal(describeGraph(run(remote.make(group as Group, index))), expected, 'as a result');
      equal(describeGraph(run(remote.echo(make()))), expected, 'there and back');
    });
  }
}

test('there are at least 120 values, each with a name of its own', () => {
  const names = Object.values(values).flatMap((cases) => cases.map(({ name }) => name));
  ok(names.length >= 120, `${names.length}`);
  equal(new Set(names).size, names.length);
});
