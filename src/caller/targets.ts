import type { Encoder } from '../wire/encode.ts';
import {
  FLAG_DEFINES_TARGET,
  FLAG_HANDLE,
  HANDLE_OPERATIONS,
  TARGET_INLINE,
  TARGET_MODULE,
  type HandleTarget,
  type InlineTarget,
  type ModuleTarget,
  type Target,
} from '../wire/messages.ts';

/** For a message that is sent while another is being written, and overtakes it. */
const UNNUMBERED = 0;

type LastingTarget = ModuleTarget | InlineTarget;

/** A function is described to the loop thread once; afterwards its number is enough. */
export class TargetNumbers {
  /** Looked up with every call, but for the one that was called last. */
  #known = new WeakMap<LastingTarget, number>();
  #last: LastingTarget | undefined;
  #lastNumber = UNNUMBERED;
  /** By all that they say: `coroutine()` in a function that is called again and again makes new ones that say the same. */
  readonly #numbers = new Map<string, number>();
  readonly #inOrder: string[] = [];
  #committed = 0;

  find(target: LastingTarget): number | undefined {
    if (target === this.#last) return this.#lastNumber;
    const number = this.#known.get(target) ?? this.#numbers.get(contentOf(target));
    if (number !== undefined) this.#remember(target, number);
    return number;
  }

  add(target: LastingTarget): number {
    const content = contentOf(target);
    const number = this.#inOrder.push(content) + UNNUMBERED;
    this.#numbers.set(content, number);
    this.#remember(target, number);
    return number;
  }

  #remember(target: LastingTarget, number: number): void {
    this.#known.set(target, number);
    this.#last = target;
    this.#lastNumber = number;
  }

  commit(): void {
    this.#committed = this.#inOrder.length;
  }

  rollback(): void {
    if (this.#inOrder.length === this.#committed) return;
    while (this.#inOrder.length > this.#committed) this.#numbers.delete(this.#inOrder.pop()!);
    // Some of those it has have no number any more; the others are found again.
    this.#known = new WeakMap();
    this.#last = undefined;
  }
}

function contentOf(target: LastingTarget): string {
  const { kind, label } = target;
  return kind === 'module'
    ? JSON.stringify([label, target.url, target.path, target.importer])
    : JSON.stringify([label, target.base, target.source]);
}

/** Writes the flags of a call, and what it calls. */
export function writeTarget(
  encoder: Encoder,
  target: Target,
  numbers: TargetNumbers,
  flags: number,
): void {
  if (target.kind === 'handle') {
    encoder.u8(flags | FLAG_HANDLE);
    writeHandleTarget(encoder, target);
    return;
  }
  const known = encoder.isPersistent ? numbers.find(target) : undefined;
  if (known !== undefined) {
    encoder.u8(flags);
    encoder.varint(known);
    return;
  }
  encoder.u8(flags | FLAG_DEFINES_TARGET);
  encoder.varint(encoder.isPersistent ? numbers.add(target) : UNNUMBERED);
  encoder.u8(target.kind === 'module' ? TARGET_MODULE : TARGET_INLINE);
  encoder.string(target.label);
  if (target.kind === 'module') {
    encoder.string(target.url);
    encoder.string(target.importer);
    writePath(encoder, target.path);
  } else {
    encoder.string(target.source);
    encoder.string(target.base);
  }
}

function writeHandleTarget(encoder: Encoder, target: HandleTarget): void {
  encoder.u8(HANDLE_OPERATIONS.indexOf(target.operation));
  encoder.string(target.label);
  encoder.varint(target.handleId);
  writePath(encoder, target.path);
  encoder.root(target.handle, 'handle');
}

function writePath(encoder: Encoder, path: readonly string[]): void {
  encoder.varint(path.length);
  for (const name of path) encoder.string(name);
}
