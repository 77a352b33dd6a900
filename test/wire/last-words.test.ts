import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { importInternal } from '../support/internal.ts';

const { Connection } = (await importInternal(
  'caller/connection',
)) as typeof import('../../.build/src/caller/connection.js');

test('what is published between the look for messages and the look at the closed bit is read before the end is noticed', () => {
  const seen: string[] = [];
  /** At the first look nothing has come; then come the last words, and after them the bit. */
  const answers = [false, true, false, false];
  const connection = {
    failure: undefined as unknown,
    loop: { deathError: () => new Error('ended') },
    inbox: {
      isClosed: true,
      take: () => answers.shift(),
      release: () => undefined,
      decoder: {
        u8: () => {
          seen.push('last words');
          return 255;
        },
        varint: () => 0,
      },
    },
    fail(error: Error) {
      seen.push(error.message);
      connection.failure = error;
    },
  };
  const { takeMessage } = Connection.prototype;
  while (takeMessage.call(connection as never));
  deepEqual(seen, ['last words', 'ended']);
});
