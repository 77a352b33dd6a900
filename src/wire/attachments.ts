import type { Transferable } from 'node:worker_threads';
import { moveRefused } from './refusal.ts';
import type { SeenObjects } from './seen-objects.ts';
import { moveProblem, type MoveRequest } from './transfer-list.ts';

/** What of a message only structured clone can carry, and what is moved along with it. */
export class Attachments {
  readonly values: unknown[] = [];
  /** Where each value stands. */
  readonly paths: string[] = [];
  /** What is moved: what users have asked for, and copies of palitra's own. */
  readonly transfers: Transferable[] = [];
  readonly requests: MoveRequest[] = [];
  /** What its side can give instead of a value that is refused. */
  readonly wayOut: string;

  constructor(wayOut: string) {
    this.wayOut = wayOut;
  }

  get isEmpty(): boolean {
    return this.values.length + this.transfers.length === 0;
  }

  /** The number of the value. */
  add(value: unknown, path: string): number {
    this.paths.push(path);
    return this.values.push(value) - 1;
  }

  /** Moves a buffer that nobody else has. */
  moveCopy(copy: ArrayBuffer): void {
    this.transfers.push(copy);
  }

  /**
   * Moves what is in a list that was given to `transfer()`.
   *
   * @throws {UncloneableError} when one of the entries cannot be moved.
   */
  move(list: readonly Transferable[], path: string): void {
    for (const [index, entry] of list.entries()) {
      const entryPath = `${path}: transfer list[${index}]`;
      const problem = list.indexOf(entry) === index ? moveProblem(entry) : 'is listed twice.';
      if (problem !== undefined) throw moveRefused(entryPath, problem);
      // Of several views of a buffer, each may list it.
      if (this.isMoved(entry)) continue;
      this.transfers.push(entry);
      this.requests.push({ entry, path: entryPath });
    }
  }

  isMoved(value: object): boolean {
    return this.transfers.length > 0 && this.transfers.includes(value as Transferable);
  }

  /**
   * What is moved must be among the objects of the message: the platform would take it away all the
   * same. And it goes to one place only: `others` go out together with this message.
   *
   * @throws {UncloneableError}
   */
  checkMoves(objects: SeenObjects, others: readonly Attachments[]): void {
    for (const { entry, path } of this.requests) {
      if (others.some((other) => other.isMoved(entry))) {
        throw moveRefused(path, 'is moved by another coroutine of the same gather() as well.');
      }
      if (!objects.has(entry) && !this.#hasViewOf(entry)) {
        throw moveRefused(
          path,
          'is not in what is sent: put it there, or leave it out of the list.',
        );
      }
      // A getter may have moved it away while the message was written.
      const problem = moveProblem(entry);
      if (problem !== undefined) throw moveRefused(path, problem);
    }
  }

  /** A view that the platform copies brings its buffer along. */
  #hasViewOf(entry: object): boolean {
    return this.values.some((value) => ArrayBuffer.isView(value) && value.buffer === entry);
  }
}
