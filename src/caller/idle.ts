import { isIdleBut } from '../runtime/active-resources.ts';
import { clearInterval, setInterval } from '../wire/clock.ts';
import { inNoContext } from '../wire/no-context.ts';
import type { Connection } from './connection.ts';
import { thread } from './thread.ts';

/** How often a thread that awaits something looks whether it could still do anything else. */
const LOOK_MS = 200;

/**
 * A thread that awaits tasks in its event loop, and has nothing else to do there, is as good as blocked for them:
 * the loop thread is told so, and says of those that can never settle that they can't. (A Node program that awaits
 * such a promise ends, with exit code 13. A task keeps the process alive.)
 *
 * The function that is returned ends the watch.
 */
export function watchIdleness(connection: Connection): () => void {
  const timer = inNoContext(() => setInterval(() => look(connection), LOOK_MS)).unref();
  return () => clearInterval(timer);
}

function look(connection: Connection): void {
  const awaited = [...connection.calls.values()].filter((call) => call.isAwaited);
  if (awaited.length === 0 || awaited.some((call) => call.isBounded)) return;
  const isAlone = thread.members.every(
    (member) => member === connection || (!member.canCallBack && !member.isHeld),
  );
  const { ports, timers } = connection.loop.heldBy;
  if (isAlone && isIdleBut(ports, timers)) connection.sayIdle(awaited);
}
