import { currentContexts, readContexts, writeContexts } from '../wire/contexts.ts';
import type { ContextEntry } from '../wire/contexts.ts';
import { decodePortable, encodePortable } from '../wire/portable.ts';
import { JobTooLargeError } from './errors.ts';

/** The data of a job: JSON, as BullMQ wants it, around text that is palitra's own. */
export interface JobData {
  /** The version of this envelope. */
  readonly palitra: 1;
  /** The arguments, and the shared contexts where the call was made. */
  readonly call: string;
  /** Which call of which runner has added it. */
  readonly caller: string;
}

/** What a job returns. */
export interface JobResult {
  readonly palitra: 1;
  readonly value: string;
  /** How long the coroutine ran, in milliseconds. */
  readonly ranMs: number;
}

/** Anybody can write a job. */
export function callerOf(data: unknown): string | undefined {
  const caller = (data as Partial<JobData> | null | undefined)?.caller;
  return typeof caller === 'string' ? caller : undefined;
}

export interface RemoteCall {
  readonly args: readonly unknown[];
  readonly contexts: readonly ContextEntry[];
}

/** In bytes; BullMQ and Redis work best with small jobs, and every runner of the queue reads every result. */
export const DEFAULT_SIZE_LIMIT = 1024 * 1024;

/**
 * The arguments of a call as text.
 *
 * @throws {UncloneableError} when an argument cannot leave this process.
 * @throws {JobTooLargeError} when they are too large.
 */
export function writeCall(name: string, args: readonly unknown[], sizeLimit: number): string {
  const bytes = encodePortable((encoder) => {
    writeContexts(encoder, currentContexts() ?? []);
    encoder.varint(args.length);
    for (const [index, arg] of args.entries()) encoder.root(arg, 'arguments', index);
  });
  return toText(bytes, `The arguments of ${name}`, sizeLimit);
}

/** @throws {Error} when it is no call. */
export function readCall(text: string): RemoteCall {
  return decodePortable(Buffer.from(text, 'base64'), (decoder) => {
    const contexts = readContexts(decoder);
    const args: unknown[] = [];
    for (let count = decoder.varint(); count > 0; count--) args.push(decoder.root());
    return { args, contexts };
  });
}

/**
 * A result or an error as text; `root` names it in the path of an error.
 *
 * @throws {UncloneableError} when it cannot leave this process.
 * @throws {JobTooLargeError} when it is too large.
 */
export function writeValue(
  value: unknown,
  root: string,
  name: string,
  sizeLimit = Infinity,
): string {
  const bytes = encodePortable((encoder) => encoder.root(value, root));
  return toText(bytes, `The ${root} of ${name}`, sizeLimit);
}

/** @throws {Error} when it is no value. */
export function readValue(text: string): unknown {
  return decodePortable(Buffer.from(text, 'base64'), (decoder) => decoder.root());
}

function toText(bytes: Buffer, what: string, sizeLimit: number): string {
  if (bytes.byteLength > sizeLimit) {
    throw new JobTooLargeError(
      `${what} would be ${bytes.byteLength.toLocaleString('en')} bytes, and the limit is ${sizeLimit.toLocaleString('en')}. ` +
        'Put the data where both sides reach it (a file store, a database) and pass its name, or raise sizeLimit.',
    );
  }
  return bytes.toString('base64');
}

const MARK = '\npalitra:1:';

/** Why a job failed: a line for people, as dashboards show it, and the error itself. */
export function writeFailure(summary: string, error: string): string {
  return `${summary}${MARK}${error}`;
}

const CANCELLED = '\npalitra:cancelled';

/** How a job ends that nobody waits for: its coroutine was told so, and what it threw is no outcome. */
export function writeCancellation(summary: string): string {
  return `${summary}${CANCELLED}`;
}

export function isCancellation(failedReason: string): boolean {
  return failedReason.endsWith(CANCELLED);
}

/** The error in a failure; undefined for one that palitra has not written. */
export function failureText(failedReason: string): string | undefined {
  const start = failedReason.lastIndexOf(MARK);
  return start === -1 ? undefined : failedReason.slice(start + MARK.length);
}
