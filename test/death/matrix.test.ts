/**
 * Every way in which a loop thread dies, or seems to, and every place where its caller may be meanwhile:
 * never a hang, never `undefined`, and the next call works.
 */
import { after, before, describe, test } from 'node:test';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { runScript, type Outcome as ChildOutcome } from '../support/child.ts';
import { createProject, type Project } from '../support/project.ts';
import { callers, type Caller } from './callers.ts';
import { badModules, deathCases, type DeathCase } from './deaths.ts';
import type { Scenario } from './play.ts';

let project: Project;
before(async () => {
  project = await createProject(badModules);
});
after(() => project.remove());

for (const [title, deathCase] of Object.entries(deathCases)) {
  describe(`after ${title}`, () => {
    let child: ChildOutcome;
    let scenarios: Map<string, Scenario>;

    before(async () => {
      child = await runScript(
        `
        import { play } from './../death/play.js';
        await play(${JSON.stringify(title)}, ${JSON.stringify(`${project.url('.').href}/`)});`,
        { limitMs: 120_000, nodeArgs: deathCase.nodeArgs ?? [] },
      );
      const lines = child.stdout.split('\n').filter((line) => line.startsWith('{'));
      scenarios = new Map(
        lines.map((line) => JSON.parse(line) as Scenario).map((line) => [line.caller, line]),
      );
    });

    for (const [caller, action] of Object.entries(callers)) {
      test(`a caller ${caller} gets the documented outcome, and its next call works`, (t) => {
        const scenario = scenarios.get(caller);
        ok(scenario, `it hangs, or its process ended with ${child.code}: ${child.stderr}`);
        checkOutcome(scenario, deathCase, action);
        equal(scenario.next, 3);
        t.diagnostic(`${scenario.lateMs.toFixed(1)} ms, ${scenario.attempts} attempts`);
        const limitMs = deathCase.limitMs ?? 300;
        ok(scenario.lateMs <= limitMs, `it took ${scenario.lateMs} ms in the best of all attempts`);
      });
    }

    test('the process lives on, and ends by itself', () => {
      deepEqual({ isHung: child.isHung, code: child.code }, { isHung: false, code: 0 });
      if (deathCase.report !== undefined) match(child.stderr, deathCase.report);
    });
  });
}

function checkOutcome(
  { outcome, message }: Scenario,
  { error, limited, outer, isFatal }: DeathCase,
  { sees, isLimited, isOuter }: Caller,
): void {
  const seen = (isLimited === true ? limited : isOuter === true ? outer : undefined) ?? error;
  const expected = sees === 'death only' && !isFatal ? undefined : seen;
  if (expected === undefined) {
    deepEqual(outcome, { value: 'survived' });
    return;
  }
  const { name, code, exitCode, message: pattern } = expected;
  // JSON leaves out what is undefined.
  deepEqual(outcome, JSON.parse(JSON.stringify({ name, code, exitCode })), message);
  if (pattern !== undefined) match(message, pattern);
}
