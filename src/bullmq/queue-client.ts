import type { Job, Queue } from 'bullmq';
import { randomBytes } from 'node:crypto';
import { EVENTS_KEPT, type CancelEvent } from './cancel.ts';
import {
  connectQueue,
  disconnectQueue,
  locationOf,
  type ClientConfig,
  type ConnectedQueue,
} from './connected-queue.ts';
import { writeValue, type JobData } from './envelope.ts';
import { QueueConnectionError } from './errors.ts';
import { keepReading } from './lasting-events.ts';
import { RedisLink } from './redis-link.ts';
import { settlesWithin } from './settles-within.ts';
import type { QueueStats } from './statistics.ts';
import { WaitingJob, type JobRequest, type ProgressListener } from './waiting-job.ts';
import { WaitingJobs } from './waiting-jobs.ts';

/**
 * So many jobs go to Redis in one message, and the next ones only when the events of these have been read:
 * the stream keeps 10,000 events, each job has four or five, and what is not read in time is gone.
 */
const BATCH = 1_000;
/** No longer than this, in case that the mark for it was lost itself. */
const CAUGHT_UP_MS = 2_000;
/** A job that is this old is looked for, in case that the event of its end was lost. */
const OLD_MS = 30_000;
/** So many of them at a time; it is a safeguard, and must not become a load. */
const MOST_LOOKED_FOR = 500;

/** Has a function called when nobody waits for the call any more; at once, when that is so already. */
export type OnAbort = (handler: (reason: unknown) => void) => void;

/** Adds jobs to a queue, and learns by its events how they end. Two connections, however many calls. */
export class QueueClient {
  readonly #config: ClientConfig;
  readonly #link: RedisLink;
  /** Short, for it is in the ids of its jobs, and those are in every event. */
  readonly #id = randomBytes(9).toString('base64url');
  readonly #waiting = new WaitingJobs();
  readonly #background = new Set<Promise<unknown>>();
  readonly #outgoing: WaitingJob[] = [];
  #isSending = false;
  #connecting: Promise<ConnectedQueue> | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #jobs = 0;
  #calls = 0;
  #markers = 0;

  constructor(config: ClientConfig) {
    this.#config = config;
    this.#link = new RedisLink(
      locationOf(config.connection),
      config.connectTimeoutMs,
      (error) => this.#failAll(error),
      () => this.#inBackground(this.#lookForAll(0)),
    );
  }

  /** Adds a job, and waits for its outcome. */
  async execute(
    request: JobRequest,
    onAbort: OnAbort,
    onProgress: ProgressListener | undefined,
  ): Promise<string> {
    const job = new WaitingJob(request, `${this.#id}-${this.#jobs++}`, onProgress);
    // Its failure may come before anybody has begun to wait.
    job.outcome.catch(() => undefined);
    onAbort((reason) => this.#giveUp(job, reason));
    const failure = this.#link.failure;
    if (failure !== undefined) throw failure;
    await this.#connect();
    if (!job.isSettled) this.#send(job);
    return job.outcome;
  }

  async stats(): Promise<QueueStats> {
    const { queue } = await this.#connect();
    const failure = this.#link.failure;
    if (failure !== undefined) throw failure;
    const [counts, workers] = await this.#link.reply(
      Promise.all([
        queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'completed', 'failed'),
        queue.getWorkersCount(),
      ]),
    );
    return {
      depth: counts as unknown as QueueStats['depth'],
      workers,
      calls: this.#calls,
      inFlight: this.#waiting.size,
      roundTrip: this.#waiting.roundTrips.latency(),
      running: this.#waiting.runs.latency(),
    };
  }

  /** Whoever waited has been told. What is still to be taken back is, if Redis is there. */
  async close(): Promise<void> {
    this.#link.close();
    clearInterval(this.#sweep);
    const connected = await this.#connecting?.catch(() => undefined);
    if (connected === undefined) return;
    if (this.#link.isUp) await Promise.all(this.#background);
    await disconnectQueue(connected, this.#link.isUp);
  }

  #connect(): Promise<ConnectedQueue> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<ConnectedQueue> {
    const connected = await connectQueue(this.#config, this.#link);
    this.#listen(connected);
    this.#sweep = setInterval(() => this.#inBackground(this.#lookForAll(OLD_MS)), OLD_MS);
    this.#sweep.unref();
    return connected;
  }

  #listen({ queue, events }: ConnectedQueue): void {
    keepReading(events, () => this.#inBackground(this.#lookForAll(0)));
    events.on('completed', ({ jobId, returnvalue }) => this.#waiting.complete(jobId, returnvalue));
    events.on('failed', ({ jobId, failedReason }) => this.#waiting.fail(jobId, failedReason));
    events.on('progress', ({ jobId, data }) => {
      for (const job of this.#waiting.get(jobId)) {
        job.reportProgress(data, (error) => this.#giveUp(job, error));
      }
    });
    events.on('removed', ({ jobId }) => this.#waiting.lose(jobId, 'it was removed from the queue'));
    // It was running when it became unwanted, and is to run once more.
    const removeUnwanted = ({ jobId }: { readonly jobId: string }): void => {
      if (this.#waiting.unwanted.delete(jobId)) this.#inBackground(queue.remove(jobId));
    };
    events.on('waiting', removeUnwanted);
    events.on('delayed', removeUnwanted);
  }

  /** What is asked for in one turn goes out together. */
  #send(job: WaitingJob): void {
    this.#outgoing.push(job);
    if (this.#isSending) return;
    this.#isSending = true;
    queueMicrotask(() => this.#inBackground(this.#sendAll()));
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#outgoing.length > BATCH) {
        await this.#add(this.#outgoing.splice(0, BATCH));
        await settlesWithin(CAUGHT_UP_MS, this.#untilCaughtUp());
      }
    } finally {
      this.#isSending = false;
    }
    await this.#add(this.#outgoing.splice(0));
  }

  async #add(jobs: readonly WaitingJob[]): Promise<void> {
    const { queue } = await this.#connect();
    const live = jobs.filter((job) => !job.isSettled);
    if (live.length === 0) return;
    for (const job of live) {
      this.#waiting.add(job);
      job.wasAdded = true;
    }
    this.#calls += live.length;
    let added: readonly Job[];
    try {
      added = await this.#link.reply(this.#addToQueue(queue, live));
    } catch (error) {
      if (error instanceof QueueConnectionError) {
        for (const job of live) this.#giveUp(job, error);
        // Whoever is at the other end, if anybody, does not answer here any more.
        (await queue.getBackend().client).disconnect(true);
        return;
      }
      if (this.#isConnectionLoss(error)) {
        // Half of them may be there. As their ids are known, those are not added a second time.
        this.#calls -= live.length;
        await this.#whenUp();
        return this.#add(live);
      }
      if (live.length === 1) {
        this.#waiting.forget(live[0]!);
        live[0]!.giveUp(error);
        return;
      }
      // Options that one of them must not have: the others shall not suffer for it.
      this.#calls -= live.length;
      await Promise.all(live.map((job) => this.#add([job])));
      return;
    }
    for (const [index, job] of live.entries()) {
      const { id } = added[index]!;
      if (id !== undefined && id !== job.id) this.#waiting.rename(job, id);
      // It may have been there before, and have ended.
      if (job.mayBeShared && !job.isSettled) this.#inBackground(this.#lookFor(job.id));
    }
  }

  async #addToQueue(queue: Queue, jobs: readonly WaitingJob[]): Promise<readonly Job[]> {
    const entries = jobs.map(({ id, request }) => ({
      name: request.name,
      data: { palitra: 1, call: request.call, caller: this.#id } satisfies JobData,
      opts: { ...request.job, jobId: id },
    }));
    const [first] = entries;
    if (entries.length > 1 || first === undefined) return queue.addBulk(entries);
    return [await queue.add(first.name, first.data, first.opts)];
  }

  #failAll(error: Error): void {
    for (const job of this.#waiting.all()) this.#giveUp(job, error);
  }

  /** Nobody waits for it any more: takes the job back, or has its coroutine aborted. */
  #giveUp(job: WaitingJob, reason: unknown): void {
    if (job.isSettled) return;
    job.giveUp(reason);
    this.#waiting.forget(job);
    if (!job.wasAdded || this.#waiting.has(job.id)) return;
    this.#inBackground(this.#takeBack(job, reason));
  }

  async #takeBack(job: WaitingJob, reason: unknown): Promise<void> {
    const { queue, canceller } = await this.#connect();
    if (job.mayBeShared) {
      const found = await queue.getJob(job.id);
      // Another runner's job, that this one has only waited for.
      if (found === undefined || found.data.caller !== this.#id) return;
    }
    if ((await queue.remove(job.id)) === 1) return;
    this.#waiting.unwanted.add(job.id);
    const event: CancelEvent = { jobId: job.id, reason: writeReason(reason, job.request.name) };
    await canceller.publishEvent({ eventName: 'cancel', ...event }, EVENTS_KEPT);
  }

  /** Asks the queue itself about jobs whose events may have been lost: after an interruption, and when old. */
  async #lookForAll(olderThanMs: number): Promise<void> {
    const now = performance.now();
    const old = this.#waiting
      .all()
      .filter(({ lookedForAt }) => lookedForAt <= now - olderThanMs)
      .sort((a, b) => a.lookedForAt - b.lookedForAt)
      .slice(0, olderThanMs === 0 ? Infinity : MOST_LOOKED_FOR);
    for (const job of old) job.lookedForAt = now;
    await Promise.all([...new Set(old.map(({ id }) => id))].map((id) => this.#lookFor(id)));
  }

  async #lookFor(id: string): Promise<void> {
    const { queue } = await this.#connect();
    // In this order: what a job that has ended holds does not change any more.
    const state = await queue.getJobState(id);
    const job = await queue.getJob(id);
    if (job !== undefined && state === 'completed') this.#waiting.complete(id, job.returnvalue);
    else if (job !== undefined && state === 'failed') this.#waiting.fail(id, job.failedReason);
    else if (job === undefined) {
      // Perhaps it has ended and was removed: the event that says so comes before this one.
      await this.#untilCaughtUp();
      this.#waiting.lose(
        id,
        'the queue knows it no more: it was removed, or Redis has lost its data',
      );
    }
  }

  /** Until all events have been read that there are now. */
  async #untilCaughtUp(): Promise<void> {
    const { queue, events } = await this.#connect();
    const marker = `palitra-marker-${this.#id}-${this.#markers++}`;
    const seen = new Promise((resolve) => {
      (events as NodeJS.EventEmitter).once(marker, resolve);
    });
    await queue.getBackend().publishEvent({ event: marker }, EVENTS_KEPT);
    await seen;
  }

  #isConnectionLoss(error: unknown): boolean {
    return !this.#link.isUp || /connection is closed|ECONN|EPIPE/i.test(String(error));
  }

  async #whenUp(): Promise<void> {
    const { queue } = await this.#connect();
    await queue.waitUntilReady();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** What nobody waits for; a failure of it is the connection's, and noticed there. */
  #inBackground(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work
      .catch((error: Error) => {
        this.#link.lastError = error;
      })
      .finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }
}

function writeReason(reason: unknown, name: string): string {
  try {
    return writeValue(reason, 'reason', name);
  } catch {
    return writeValue(new DOMException('The call was aborted.', 'AbortError'), 'reason', name);
  }
}
