import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBun, isDeno } from './runtime.ts';

const TASKS = '/proc/self/task';
/**
 * What Bun and Deno start of their own when they have time for it, by the names that Linux has for them: at
 * first that of the program, which the main thread has as well.
 */
const ENGINE_THREADS =
  /^(?:bun(?:\.exe)?|Bun Pool \d+|JITWorker|JSCWarmUp|HeapHelper|ollector Thread|t Helper Thread|s Signal Sender|mi-scavenger|HTTP Client|deno|V8 .*|tokio-.*)$/;

/** Do threads come and go here that no program has started? */
export const hasThreadsOfItsOwn = isBun || isDeno;

/** The threads of this process, without those of the engine; 0 where the platform does not tell. */
export function countThreads(): number {
  if (!existsSync(TASKS)) return 0;
  const threads = readdirSync(TASKS);
  if (!hasThreadsOfItsOwn) return threads.length;
  return threads.filter((thread) => !ENGINE_THREADS.test(nameOf(thread))).length;
}

/** What Linux calls them, for whoever looks for the one too many. */
export function threadNames(): string[] {
  return existsSync(TASKS) ? readdirSync(TASKS).map(nameOf) : [];
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`${TASKS}/${thread}/comm`, 'utf8').trim();
  } catch {
    // It has ended since.
    return 'deno';
  }
}
