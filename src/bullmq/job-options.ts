import type { JobsOptions } from 'bullmq';
import { checkOptions } from '../check-options.ts';
import { checkPlainData } from './plain-data.ts';

/**
 * Options of BullMQ for a job, under BullMQ's own names: attempts, backoff, delay, priority, jobId …
 *
 * @example
 * ```ts
 * import type { JobOptions } from 'palitra/bullmq';
 *
 * export const job: JobOptions = { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
 * ```
 */
export type JobOptions = JobsOptions;

const KINDS = {
  attempts: 'number',
  backoff: 'backoff',
  delay: 'number',
  priority: 'number',
  jobId: 'string',
  lifo: 'boolean',
  removeOnComplete: 'keep',
  removeOnFail: 'keep',
  keepLogs: 'number',
  stackTraceLimit: 'number',
  sizeLimit: 'number',
  timestamp: 'number',
  deduplication: 'object',
  parent: 'object',
  telemetry: 'object',
  failParentOnFailure: 'boolean',
  continueParentOnFailure: 'boolean',
  ignoreDependencyOnFailure: 'boolean',
  removeDependencyOnFailure: 'boolean',
} as const;
const KNOWN = Object.keys(KINDS);

/** The options inside an option. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  backoff: ['type', 'delay', 'jitter'],
  removeOnComplete: ['age', 'count', 'limit'],
  removeOnFail: ['age', 'count', 'limit'],
  deduplication: ['id', 'ttl', 'extend', 'replace', 'reschedule', 'keepLastIfActive'],
  parent: ['id', 'queue'],
  telemetry: ['metadata', 'omitContext'],
};

const EXAMPLES: Readonly<Record<(typeof KINDS)[keyof typeof KINDS], string>> = {
  number: 'a number of zero or more',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  keep: 'true, false, a number, or an object such as { age: 3_600, count: 1_000 }',
  backoff: "a number of milliseconds, or an object such as { type: 'exponential', delay: 1_000 }",
};

/** What BullMQ ignores, and people expect something of. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  repeat: 'a call has one result. Have BullMQ add jobs by itself with upsertJobScheduler()',
  debounce: 'write deduplication',
};

/** The backoffs that every worker has. */
export const BACKOFFS: readonly string[] = ['fixed', 'exponential'];

/**
 * The options of a job, checked: BullMQ ignores what it does not know.
 *
 * @throws {TypeError} for an option that BullMQ does not have, or with a value of the wrong kind.
 */
export function checkJob(job: unknown): JobOptions | undefined {
  if (job === undefined) return undefined;
  if (typeof job !== 'object' || job === null) {
    throw new TypeError('job is an object of options for BullMQ, such as { attempts: 3 }.');
  }
  for (const [name, advice] of Object.entries(ELSEWHERE)) {
    if (name in job) throw new TypeError(`job has no option ${name}: ${advice}.`);
  }
  checkOptions(job, KNOWN, 'job', '{ attempts: 3 }');
  checkPlainData(job, 'job');
  for (const [name, value] of Object.entries(job)) checkValue(name as keyof typeof KINDS, value);
  return job;
}

function checkValue(name: keyof typeof KINDS, value: unknown): void {
  if (value === undefined) return;
  const kind = KINDS[name];
  const parts = PARTS[name];
  if (parts !== undefined && typeof value === 'object' && value !== null) {
    checkOptions(value, parts, `job.${name}`, EXAMPLES[kind]);
    if (kind === 'backoff') checkBackoff(value);
    return;
  }
  const isRight =
    typeof value === 'number'
      ? (kind === 'number' || kind === 'keep' || kind === 'backoff') && value >= 0
      : typeof value === kind || (kind === 'keep' && typeof value === 'boolean');
  if (!isRight || kind === 'object') {
    throw new TypeError(`job.${name} is ${EXAMPLES[kind]}, not ${describe(value)}.`);
  }
}

function checkBackoff(backoff: object): void {
  const { type, delay } = backoff as Record<string, unknown>;
  if (type !== 'custom' && !BACKOFFS.includes(type as string)) {
    throw new TypeError(
      `job.backoff.type is 'fixed', 'exponential', or 'custom' for the backoffStrategy of the workers, not ${describe(type)}.`,
    );
  }
  if (delay !== undefined && !(typeof delay === 'number' && delay >= 0)) {
    throw new TypeError(`job.backoff.delay is a number of milliseconds, not ${describe(delay)}.`);
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
