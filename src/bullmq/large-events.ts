import { setTimeout } from '../wire/clock.ts';

/** The stream keeps 10,000 events; those that are smaller than this take 40 MB at the most. */
const LARGE_BYTES = 4_096;
/** Whoever else reads the stream has had so long for it. */
const KEPT_MS = 1_000;
/** Of a job that others may be waiting for as well. */
const KEPT_FOR_OTHERS_MS = 60_000;
/** More than this is not left in the stream once it has been read by the caller that it is for. */
const MOST_BYTES = 16 * 1024 * 1024;

interface ReadEvent {
  readonly id: string;
  readonly bytes: number;
  readonly deleteAt: number;
}

/**
 * Bounds what the stream of a queue holds. Redis can only count events, and an event that a job has
 * completed holds its result: 10,000 of those can be gigabytes. So large events are deleted by the runner
 * whose job they are of, once it has read them: nobody else waits for that job.
 */
export class LargeEvents {
  readonly #delete: (ids: readonly string[]) => void;
  readonly #own: ReadEvent[] = [];
  readonly #others: ReadEvent[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deleteEvents: (ids: readonly string[]) => void) {
    this.#delete = deleteEvents;
  }

  /** This runner has read an event that is its own to delete, or, when `mayBeShared`, for others to read as well. */
  add(id: string, bytes: number, mayBeShared: boolean): void {
    if (bytes < LARGE_BYTES) return;
    const list = mayBeShared ? this.#others : this.#own;
    const keptMs = mayBeShared ? KEPT_FOR_OTHERS_MS : KEPT_MS;
    list.push({ id, bytes, deleteAt: performance.now() + keptMs });
    if (!mayBeShared) this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) {
      let left = this.#bytes;
      this.#drop(this.#own, ({ bytes: each }) => (left -= each) > MOST_BYTES / 2);
    }
    this.#timer ??= setTimeout(() => this.#dropOld(), KEPT_MS).unref();
  }

  /** Nobody of this runner reads any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#drop(this.#own, () => true);
  }

  #dropOld(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const list of [this.#own, this.#others]) {
      this.#drop(list, ({ deleteAt }) => deleteAt <= now);
    }
    if (this.#own.length + this.#others.length === 0) return;
    this.#timer = setTimeout(() => this.#dropOld(), KEPT_MS).unref();
  }

  /** From the oldest on, as long as this says so. */
  #drop(list: ReadEvent[], isToGo: (event: ReadEvent) => boolean): void {
    const end = list.findIndex((event) => !isToGo(event));
    const dropped = list.splice(0, end === -1 ? list.length : end);
    if (dropped.length === 0) return;
    if (list === this.#own) for (const { bytes } of dropped) this.#bytes -= bytes;
    this.#delete(dropped.map(({ id }) => id));
  }
}
