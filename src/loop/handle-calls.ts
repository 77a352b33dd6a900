import { types } from 'node:util';
import type { Decoder } from '../wire/decode.ts';
import { HandleMarker } from '../wire/markers.ts';
import { HANDLE_OPERATIONS, type HandleTarget } from '../wire/messages.ts';
import type { Handles } from './handles.ts';

/** What a coroutine made from a handle does with the object. */
export interface HandleCall {
  readonly target: unknown;
  readonly handleId: number;
  readonly operation: HandleTarget['operation'];
  readonly path: readonly string[];
  readonly label: string;
}

export function readHandleTarget(decoder: Decoder): HandleCall {
  const operation = HANDLE_OPERATIONS[decoder.u8()]!;
  const label = decoder.string();
  const handleId = decoder.varint();
  const path: string[] = [];
  for (let count = decoder.varint(); count > 0; count--) path.push(decoder.string());
  const target = decoder.root();
  return { target, handleId, operation, path, label };
}

export function operateOnHandle(handles: Handles, call: HandleCall, args: unknown[]): unknown {
  if (call.operation === 'dispose') return dispose(handles, call);
  let parent: unknown;
  let value = call.target;
  for (const name of call.path) {
    parent = value;
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  if (call.operation === 'get') return value;
  if (typeof value !== 'function') {
    throw new TypeError(`${call.label}: the object has no method "${call.path.join('.')}".`);
  }
  const result: unknown = Reflect.apply(value, parent, args);
  return types.isPromise(result)
    ? result.then((settled) => keepHere(call, settled))
    : keepHere(call, result);
}

/** What a method returns so that calls can be chained, the object itself, stays behind its handle. */
function keepHere(call: HandleCall, result: unknown): unknown {
  return result === call.target ? new HandleMarker(call.target as object) : result;
}

async function dispose(handles: Handles, call: HandleCall): Promise<void> {
  // Of two handles to the same object, one has disposed of it before.
  if (call.target === undefined) return;
  handles.forget(call.handleId);
  const target = call.target as Partial<AsyncDisposable & Disposable>;
  if (typeof target[Symbol.asyncDispose] === 'function') await target[Symbol.asyncDispose]!();
  else if (typeof target[Symbol.dispose] === 'function') target[Symbol.dispose]!();
}
