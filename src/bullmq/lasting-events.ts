import type { QueueEvents } from 'bullmq';
import { EVENTS_KEPT } from './cancel.ts';

/** BullMQ's own, which it does not declare: where it reads from when it is started. */
interface Reading {
  running: boolean;
  readonly opts: { lastEventId?: string };
}

/**
 * Keeps a `QueueEvents` reading: it stops for good at an event that is no JSON, and whoever can write to
 * Redis can write one. What was between is for `onResumed` to find out.
 */
export function keepReading(events: QueueEvents, onResumed: () => void): void {
  const reading = events as unknown as Reading;
  const resume = async (): Promise<void> => {
    // An event of our own behind the one that cannot be read is where it goes on.
    const id = await events.getBackend().publishEvent({ event: 'palitra-resume' }, EVENTS_KEPT);
    reading.opts.lastEventId = id;
    events.run().catch((error: unknown) => events.emit('error', error as Error));
    onResumed();
  };
  events.on('error', () => {
    if (reading.running || events.closing !== undefined) return;
    resume().catch(() => undefined);
  });
}
