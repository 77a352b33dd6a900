import { EVENTS_KEPT } from './cancel.ts';
import type { ConnectedQueue } from './connected-queue.ts';
import { isCancellation } from './envelope.ts';
import type { WaitingJob } from './waiting-job.ts';
import type { WaitingJobs } from './waiting-jobs.ts';

/** A job that is this old is looked for, in case that the event of its end was lost. */
const OLD_MS = 30_000;
/** So many of them at a time; it is a safeguard, and must not become a load. */
const MOST_LOOKED_FOR = 50;
/** So many jobs are asked about in one command. */
const AT_ONCE = 1_000;

const REMOVED = 'it was removed from the queue';
const GONE = 'the queue knows it no more: it was removed, or Redis has lost its data';

/** The commands that BullMQ has no method for. */
interface Commands {
  exists(...keys: string[]): Promise<number>;
}

/** Asks the queue itself what has become of jobs, where its events do not tell. */
export class LostJobs {
  readonly #connected: ConnectedQueue;
  readonly #waiting: WaitingJobs;
  readonly #addAgain: (job: WaitingJob) => void;
  readonly #marker: string;
  #markers = 0;

  constructor(
    connected: ConnectedQueue,
    waiting: WaitingJobs,
    marker: string,
    addAgain: (job: WaitingJob) => void,
  ) {
    this.#connected = connected;
    this.#waiting = waiting;
    this.#marker = marker;
    this.#addAgain = addAgain;
  }

  /**
   * Asks whether all jobs are still there, which is one command for a thousand of them: `drain()`,
   * `obliterate()`, `clean()` and `FLUSHALL` tell nobody. And about old ones, how they are.
   */
  async sweep(): Promise<void> {
    await this.lookFor(await this.#missing());
    const old = performance.now() - OLD_MS;
    const jobs = this.#waiting
      .all()
      .filter(({ lookedForAt }) => lookedForAt <= old)
      .sort((a, b) => a.lookedForAt - b.lookedForAt)
      .slice(0, MOST_LOOKED_FOR);
    await this.#lookForJobs(jobs);
  }

  /** After an interruption, when the events of any job may have been lost. */
  async lookForAll(): Promise<void> {
    await this.#lookForJobs(this.#waiting.all());
  }

  async #lookForJobs(jobs: readonly WaitingJob[]): Promise<void> {
    const now = performance.now();
    for (const job of jobs) job.lookedForAt = now;
    await this.lookFor([...new Set(jobs.map(({ id }) => id))]);
  }

  /** What has become of these jobs? */
  async lookFor(ids: readonly string[]): Promise<void> {
    const gone = (await Promise.all(ids.map((id) => this.#isGone(id)))).flatMap((isGone, index) =>
      isGone ? [...this.#waiting.get(ids[index]!)] : [],
    );
    if (gone.length === 0) return;
    const added = gone.map(({ adding }) => adding);
    // Perhaps they have ended and were removed: the events that say so come before this one.
    await this.untilCaughtUp();
    for (const [index, job] of gone.entries()) {
      // It was added again meanwhile.
      if (job.isSettled || job.adding !== added[index]) continue;
      if (job.isWithdrawn) this.#addAgain(job);
      else this.#waiting.lose(job, job.wasRemoved ? REMOVED : GONE);
    }
  }

  /** Until all events have been read that there are now. */
  async untilCaughtUp(): Promise<void> {
    const { queue, events } = this.#connected;
    const marker = `${this.#marker}-${this.#markers++}`;
    const seen = new Promise((resolve) => {
      (events as NodeJS.EventEmitter).once(marker, resolve);
    });
    await queue.getBackend().publishEvent({ event: marker }, EVENTS_KEPT);
    await seen;
  }

  async #isGone(id: string): Promise<boolean> {
    const { queue } = this.#connected;
    // In this order: what a job that has ended holds does not change any more.
    const state = await queue.getJobState(id);
    const job = await queue.getJob(id);
    if (job === undefined) return true;
    if (state === 'completed') this.#waiting.complete(id, job.returnvalue);
    if (state !== 'failed') return false;
    if (!isCancellation(job.failedReason)) {
      this.#waiting.fail(id, job.failedReason);
      return false;
    }
    // It is no outcome, and would be in the way.
    await queue.remove(id);
    for (const waiting of this.#waiting.get(id)) this.#addAgain(waiting);
    return false;
  }

  async #missing(): Promise<readonly string[]> {
    const there = this.#waiting.all().filter(({ isThere }) => isThere);
    const ids = [...new Set(there.map(({ id }) => id))];
    const missing: string[] = [];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      missing.push(...(await this.#missingOf(ids.slice(start, start + AT_ONCE))));
    }
    return missing;
  }

  /** Redis tells how many of them there are, so which one is missing is found by halving. */
  async #missingOf(ids: readonly string[]): Promise<readonly string[]> {
    const { queue } = this.#connected;
    const client = (await queue.getBackend().client) as unknown as Commands;
    const count = await client.exists(...ids.map((id) => queue.toKey(id)));
    if (count === ids.length) return [];
    if (count === 0) return ids;
    const middle = ids.length >> 1;
    const halves = [ids.slice(0, middle), ids.slice(middle)];
    return (await Promise.all(halves.map((half) => this.#missingOf(half)))).flat();
  }
}
