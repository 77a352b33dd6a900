import type { Decoder } from '../wire/decode.ts';
import { HandleMarker } from '../wire/markers.ts';
import { TARGET_MODULE, type InlineTarget, type ModuleTarget } from '../wire/messages.ts';
import { compileInline } from './inline.ts';
import { findInModule, type Callable } from './modules.ts';

/** What a call is of, as it was described the first time: afterwards the caller gives its number. */
export interface CallTarget {
  /** The function; a promise of it while its module is being imported. */
  find(): Callable | Promise<Callable>;
  readonly label: string;
}

/** `new` of a class keeps the object here, and gives the caller a handle. */
export function invoke(
  { parent, callee }: Callable,
  args: unknown[],
  isConstruction: boolean,
): unknown {
  if (isConstruction) return new HandleMarker(Reflect.construct(callee, args) as object);
  return Reflect.apply(callee, parent, args);
}

export function readArguments(decoder: Decoder): unknown[] {
  const count = decoder.varint();
  // oxlint-disable-next-line unicorn/no-new-array -- one that grows takes room for sixteen more
  const args = new Array<unknown>(count);
  for (let index = 0; index < count; index++) args[index] = decoder.root();
  return args;
}

export function readTarget(decoder: Decoder): CallTarget {
  const kind = decoder.u8();
  const label = decoder.string();
  if (kind === TARGET_MODULE) {
    const url = decoder.string();
    const importer = decoder.string();
    const path: string[] = [];
    for (let count = decoder.varint(); count > 0; count--) path.push(decoder.string());
    const target: ModuleTarget = { kind: 'module', url, path, label, importer };
    return { label, find: () => findInModule(target) };
  }
  const target: InlineTarget = {
    kind: 'inline',
    source: decoder.string(),
    base: decoder.string(),
    label,
  };
  let compiled: Callable | undefined;
  return { label, find: () => (compiled ??= compileInline(target)) };
}
