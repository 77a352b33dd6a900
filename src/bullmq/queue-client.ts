import type { Job, Queue } from 'bullmq';
import { randomBytes } from 'node:crypto';
import { setInterval } from '../wire/clock.ts';
import { WITHDRAWN_EVENT } from './cancel.ts';
import {
  connectQueue,
  disconnectQueue,
  type ClientConfig,
  type ConnectedQueue,
} from './connected-queue.ts';
import { locationOf } from './connection.ts';
import { isCancellation, type JobData } from './envelope.ts';
import { QueueConnectionError } from './errors.ts';
import { LargeEvents } from './large-events.ts';
import { keepReading } from './lasting-events.ts';
import { LostJobs } from './lost-jobs.ts';
import { RedisLink } from './redis-link.ts';
import { settlesWithin } from './settles-within.ts';
import type { QueueStats } from './statistics.ts';
import {
  WaitingJob,
  type JobOutcome,
  type JobRequest,
  type ProgressListener,
} from './waiting-job.ts';
import { WaitingJobs } from './waiting-jobs.ts';
import { Withdrawals } from './withdrawals.ts';

/**
 * So many jobs go to Redis in one message, and the next ones only when the events of these have been read:
 * the stream keeps 10,000 events, each job has four or five, and what is not read in time is gone.
 */
const BATCH = 1_000;
/** No longer than this, in case that the mark for it was lost itself. */
const CAUGHT_UP_MS = 2_000;
/** A job that has vanished is noticed after so long at the most, and its caller told. */
const SWEEP_MS = 2_000;

/** Has a function called when nobody waits for the call any more; at once, when that is so already. */
export type OnAbort = (handler: (reason: unknown) => void) => void;

/** What there is once there is a connection. */
interface Session extends ConnectedQueue {
  readonly lost: LostJobs;
  readonly withdrawals: Withdrawals;
  readonly largeEvents: LargeEvents;
}

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
  #connecting: Promise<Session> | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #isSweeping = false;
  #jobs = 0;
  #calls = 0;

  constructor(config: ClientConfig) {
    this.#config = config;
    this.#link = new RedisLink(
      locationOf(config.connection),
      config.connectTimeoutMs,
      (error) => this.#failAll(error),
      () => this.#inBackground(this.#lookForAll()),
    );
  }

  /** Adds a job, and waits for its outcome. */
  async execute(
    request: JobRequest,
    onAbort: OnAbort,
    onProgress: ProgressListener | undefined,
  ): Promise<JobOutcome> {
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
    connected.largeEvents.close();
    if (this.#link.isUp) await Promise.all(this.#background);
    await disconnectQueue(connected, this.#link.isUp);
  }

  #connect(): Promise<Session> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<Session> {
    const connected = await connectQueue(this.#config, this.#link);
    const { queue } = connected;
    const addAgain = (job: WaitingJob): void => this.#addAgain(job);
    const session: Session = {
      ...connected,
      lost: new LostJobs(connected, this.#waiting, `palitra-marker-${this.#id}`, addAgain),
      withdrawals: new Withdrawals(connected, this.#waiting, (caller) => this.#isOwn(caller)),
      largeEvents: new LargeEvents((ids) => this.#inBackground(deleteEvents(queue, ids))),
    };
    this.#listen(session);
    this.#sweep = setInterval(() => this.#sweepOnce(session), SWEEP_MS);
    this.#sweep.unref();
    return session;
  }

  #listen({ events, lost, withdrawals, largeEvents }: Session): void {
    keepReading(events, () => this.#inBackground(lost.lookForAll()));
    const clear = ({ jobId }: { readonly jobId: string }): void => {
      if (withdrawals.has(jobId)) this.#inBackground(withdrawals.clear(jobId));
    };
    const noteSize = (jobId: string, id: string, bytes: number): void => {
      const isOwn = this.#isOwn(jobId);
      if (isOwn || this.#waiting.has(jobId)) largeEvents.add(id, bytes, !isOwn);
    };
    events.on('completed', ({ jobId, returnvalue }, id) => {
      noteSize(jobId, id, lengthOf((returnvalue as { value?: unknown } | null)?.value));
      this.#waiting.complete(jobId, returnvalue);
      clear({ jobId });
    });
    events.on('failed', ({ jobId, failedReason }, id) => {
      noteSize(jobId, id, lengthOf(failedReason));
      // `failedReason` is missing where somebody has written the event himself.
      if (failedReason !== undefined && isCancellation(failedReason)) this.#joinNext(jobId);
      else this.#waiting.fail(jobId, failedReason);
      clear({ jobId });
    });
    events.on('progress', ({ jobId, data }, id) => {
      const jobs = this.#waiting.get(jobId);
      if (jobs.length === 0) return;
      noteSize(jobId, id, lengthOf(typeof data === 'object' ? JSON.stringify(data) : data));
      for (const job of jobs) job.reportProgress(data, (error) => this.#giveUp(job, error));
    });
    (events as NodeJS.EventEmitter).on(WITHDRAWN_EVENT, ({ jobId }: { readonly jobId: string }) => {
      for (const job of this.#waiting.get(jobId)) job.isWithdrawn = true;
    });
    events.on('removed', ({ jobId }) => {
      const jobs = this.#waiting.get(jobId);
      for (const job of jobs) {
        job.wasRemoved = true;
        if (job.isWithdrawn) this.#addAgain(job);
      }
      // Asked, and not believed: the event may be of an earlier job with this id.
      if (jobs.some((job) => job.wasRemoved)) this.#inBackground(lost.lookFor([jobId]));
    });
    // It was running when it was to be taken back, and is to run once more.
    events.on('waiting', clear);
    events.on('delayed', clear);
  }

  /** The job was given up by whoever had added it. Those that still wait for it have their own. */
  #joinNext(jobId: string): void {
    for (const job of this.#waiting.get(jobId)) {
      if (job.mayBeShared) this.#addAgain(job);
      else this.#waiting.lose(job, 'it was cancelled');
    }
  }

  #addAgain(job: WaitingJob): void {
    this.#waiting.forget(job);
    job.reset();
    this.#send(job);
  }

  /** Has this runner added it? Also said of the id of a job, where that was not given by the user. */
  #isOwn(caller: string): boolean {
    return caller.startsWith(this.#id);
  }

  #sweepOnce({ lost }: Session): void {
    if (this.#isSweeping || this.#waiting.size === 0 || !this.#link.isUp) return;
    this.#isSweeping = true;
    this.#inBackground(lost.sweep().finally(() => (this.#isSweeping = false)));
  }

  async #lookForAll(): Promise<void> {
    const { lost } = await this.#connect();
    await lost.lookForAll();
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
        const { lost } = await this.#connect();
        await settlesWithin(CAUGHT_UP_MS, lost.untilCaughtUp());
      }
    } finally {
      this.#isSending = false;
    }
    await this.#add(this.#outgoing.splice(0));
  }

  async #add(jobs: readonly WaitingJob[]): Promise<void> {
    const { queue, lost } = await this.#connect();
    const live = jobs.filter((job) => !job.isSettled);
    if (live.length === 0) return;
    const adding = this.#link.reply(this.#addToQueue(queue, live));
    for (const job of live) {
      this.#waiting.add(job);
      job.adding = adding;
    }
    this.#calls += live.length;
    let added: readonly Job[];
    try {
      added = await adding;
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
      if (job.isSettled) continue;
      if (id !== undefined && id !== job.id) this.#waiting.rename(job, id);
      job.isThere = true;
      // It may have been there before, and have ended.
      if (job.mayBeShared) this.#inBackground(lost.lookFor([job.id]));
    }
  }

  async #addToQueue(queue: Queue, jobs: readonly WaitingJob[]): Promise<readonly Job[]> {
    const entries = jobs.map(({ id, caller, request }) => ({
      name: request.name,
      data: { palitra: 1, call: request.call, caller } satisfies JobData,
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
    if (job.adding === undefined || this.#waiting.has(job.id)) return;
    this.#inBackground(this.#takeBack(job, reason));
  }

  async #takeBack(job: WaitingJob, reason: unknown): Promise<void> {
    const { withdrawals } = await this.#connect();
    await withdrawals.takeBack(job, reason);
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

function lengthOf(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}

/** BullMQ has no method for it. */
async function deleteEvents(queue: Queue, ids: readonly string[]): Promise<void> {
  const client = (await queue.getBackend().client) as unknown as {
    xdel(key: string, ...ids: string[]): Promise<number>;
  };
  await client.xdel(queue.toKey('events'), ...ids);
}
