// `node:test`, but for the tests that a runtime is not up to: those are skipped, and the reason is printed.
import { describe as runGroup, test as run } from 'node:test';
import { reasonToLeaveOut } from './left-out.mjs';

export { after, afterEach, before, beforeEach } from 'node:test';

export const test = unlessLeftOut(run);
export const describe = unlessLeftOut(runGroup);

function unlessLeftOut(declare) {
  return (title, ...rest) => {
    const why = reasonToLeaveOut(title);
    if (why === undefined) return declare(title, ...rest);
    console.log(`left out: ${title}: ${why}`);
    return declare.skip(title, () => undefined);
  };
}
