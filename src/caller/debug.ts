import { debuglog } from 'node:util';
import type { Call } from '../coroutine.ts';
import { captureStack } from '../runtime/capture-stack.ts';
import { isBun } from '../runtime/which.ts';
import { nowMs } from '../wire/clock.ts';
import type { PendingCall } from './pending-call.ts';
import { creationLine } from './stack.ts';

const log = debuglog('palitra');

/** Was the process started with `NODE_DEBUG=palitra`? */
export const isDebugging: boolean = isBun ? isNamed(process.env['NODE_DEBUG']) : log.enabled;

/** In Bun 1.4 a log does not say whether it is enabled; in Deno only the log knows without asking for a permission. */
function isNamed(sections = ''): boolean {
  return sections.split(',').some((section) => /^(?:palitra|\*)$/i.test(section.trim()));
}

/** One line on stderr, if so. */
export function debug(text: string): void {
  if (isDebugging) log('%s', text);
}

/** A call has ended, in whichever way. */
export function debugOutcome({ label, isRejected, value, startedAt }: PendingCall): void {
  const ms = (nowMs() - startedAt).toFixed(1);
  debug(`${label} ${isRejected ? `failed with ${nameOf(value)}` : 'returned'} after ${ms} ms`);
}

/** What may be said of any value: reading it may run code of the user's, and throw. */
function nameOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.name : typeof thrown;
  } catch {
    return typeof thrown;
  }
}

/** A coroutine that nothing has run so far. */
interface Note {
  readonly label: string;
  /** The line it was made in. */
  readonly line: string | undefined;
}

const notes = new WeakMap<Call, Note>();
const unrun = new Set<Note>();
const forgotten = isDebugging ? new FinalizationRegistry<Note>(tellUnrun) : undefined;
if (isDebugging) process.once('exit', () => unrun.forEach(tellUnrun));

/** Called for every coroutine while debugging. */
export function noteMade(coroutine: object, call: Call): void {
  const origin: { stack?: string } = {};
  captureStack(origin, noteMade);
  // Read at once: until then a stack holds what its functions were called on, and that is the coroutine.
  const note: Note = { label: call.target.label, line: creationLine(origin) };
  notes.set(call, note);
  unrun.add(note);
  forgotten?.register(coroutine, note);
}

/** Something runs it. */
export function noteRun(call: Call): void {
  const note = notes.get(call);
  if (note !== undefined) unrun.delete(note);
}

function tellUnrun(note: Note): void {
  const { label, line } = note;
  if (!unrun.delete(note)) return;
  const where = line === undefined ? '' : ` in ${line}`;
  debug(`${label} was made${where} and never run: run(…), gather(…) and createTask(…) do that`);
}
