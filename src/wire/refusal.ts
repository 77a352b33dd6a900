import { UncloneableError } from '../errors.ts';
import type { Attachments } from './attachments.ts';
import type { EncoderBridge } from './encoder-bridge.ts';
import { className, isErrorObject, isLost } from './classify.ts';
import { findRefused } from './transfer-list.ts';
import { abridge } from './value-path.ts';
import { clone } from './natives.ts';

/** The platform refused a batch as a whole: finds out which value it was. */
export function explainRefusal(batch: readonly Attachments[], cause: unknown): UncloneableError {
  const [first] = batch.flatMap((attachments) => attachments.requests);
  return findRefusal(batch) ?? cannotBeMoved(first?.path ?? 'transfer list', cause);
}

/** What the platform would refuse of a batch, if anything; nothing is moved by it. */
export function findRefusal(batch: readonly Attachments[]): UncloneableError | undefined {
  for (const attachments of batch) {
    for (const [index, value] of attachments.values.entries()) {
      if (attachments.isMoved(value as object)) continue;
      try {
        checkCopy(value as object);
      } catch (error) {
        return cannotBeCopied(attachments.paths[index]!, attachments.wayOut, error);
      }
    }
  }
  const refused = findRefused(batch.flatMap((attachments) => attachments.requests));
  return refused && cannotBeMoved(refused.path, refused.cause);
}

function checkCopy(value: object): void {
  const copy = clone(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  // All classes of the web have a tag. Of others (an object that inherits from an array) a plain one is right.
  if (prototype === null || !Object.hasOwn(prototype, Symbol.toStringTag) || !isLost(copy)) return;
  const name = className(prototype);
  throw new TypeError(`of a platform object (${name}) only an empty one would arrive`);
}

function cannotBeCopied(path: string, wayOut: string, cause: unknown): UncloneableError {
  const give = verbFor(path);
  return new UncloneableError(
    `${abridge(path)} cannot be copied to another thread: ${messageOf(cause)} ` +
      `${give} the data in it instead, move it with transfer(value, [value]) if it is transferable, ` +
      `or ${give.toLowerCase()} ${wayOut}.`,
    { path, cause },
  );
}

/** Arguments are passed, everything else is returned. */
function verbFor(path: string): 'Pass' | 'Return' {
  return /^(?:callback )?arguments\b/.test(path) ? 'Pass' : 'Return';
}

function cannotBeMoved(path: string, cause: unknown): UncloneableError {
  return moveRefused(
    path,
    `cannot be moved: ${messageOf(cause)} List only what can be moved and has not been moved yet: ` +
      'ArrayBuffers, MessagePorts, streams, FileHandles.',
    cause,
  );
}

/** A value that stands at `path`, below `root`, cannot be copied. */
export function copyRefused(
  path: string,
  root: string,
  what: string,
  { reach, wayOut }: EncoderBridge,
): UncloneableError {
  const give = verbFor(root);
  return new UncloneableError(
    `${abridge(path)} is ${what}, which cannot be copied to another ${reach}. ` +
      `${give} the data in it, or ${give.toLowerCase()} ${wayOut}.`,
    { path },
  );
}

/** An entry of a list that was given to `transfer()` cannot be moved. */
export function moveRefused(path: string, problem: string, cause?: unknown): UncloneableError {
  return new UncloneableError(
    `${abridge(path)} ${problem} Nothing has been moved.`,
    cause === undefined ? { path } : { path, cause },
  );
}

/**
 * Sends the outcome of a coroutine or a callback. If it cannot cross, the error that says so goes in its
 * place: somebody waits for an answer, so there must be one whatever the user's getters throw.
 */
export function sendOutcome(
  value: unknown,
  isThrown: boolean,
  send: (value: unknown, isThrown: boolean) => void,
): void {
  try {
    send(value, isThrown);
  } catch (refusal) {
    sendInstead(refusal, value, isThrown, (error) => send(error, true));
  }
}

/** As {@link sendOutcome}, for who has tried to send it and was refused. */
export function sendInstead(
  refusal: unknown,
  value: unknown,
  isThrown: boolean,
  sendError: (error: unknown) => void,
): void {
  try {
    sendError(isThrown ? explainThrown(refusal, value) : refusal);
  } catch {
    const path = isThrown ? 'thrown' : 'result';
    const message = `${path} cannot be copied to another thread, nor can what reading it threw.`;
    sendError(new UncloneableError(message, { path }));
  }
}

/** The error that could not cross is not lost altogether: its text comes along as the cause. */
function explainThrown(refusal: unknown, thrown: unknown): unknown {
  try {
    if (!(refusal instanceof UncloneableError) || !isErrorObject(thrown)) return refusal;
    const cause = new Error(thrown.message);
    for (const key of ['name', 'stack'] as const) {
      const value = thrown[key];
      if (value === undefined) continue;
      // Where the program has frozen `Error.prototype`, an assignment would throw.
      Object.defineProperty(cause, key, { value, writable: true, configurable: true });
    }
    const message = `${refusal.message} The error was: ${thrown.name}: ${thrown.message}`;
    return new UncloneableError(message, { path: refusal.path, cause });
  } catch {
    // A Proxy, or getters that throw: it will not say what it is.
    return refusal;
  }
}

function messageOf(error: unknown): string {
  const text = isErrorObject(error) ? error.message : String(error);
  return text.endsWith('.') ? text : `${text}.`;
}
