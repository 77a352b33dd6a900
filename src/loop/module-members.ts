import { types } from 'node:util';
import { classify } from '../wire/classify.ts';
import type { ModuleMember, ModuleNode } from '../wire/module-members.ts';

type Container = Record<string, unknown>;
/** Of a class both may be members of any kind. */
interface Signature {
  readonly name: unknown;
  readonly length: unknown;
}

/** Deeper than this, an object is copied as a whole. */
const MAX_DEPTH = 32;
const FUNCTION_OWN = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/**
 * What the calling thread needs to know of a module to have the like of it: its names, and behind each a
 * function, a value, or an object that holds functions and so is followed. The first node is the root.
 */
export function describeMembers(root: unknown, path: readonly string[]): ModuleNode[] {
  const description = new Description();
  description.add(root, undefined, path, 0);
  return description.nodes;
}

class Description {
  readonly nodes: ModuleNode[] = [];
  /** By what they are of, and for functions by what they are called on as well. */
  readonly #numbers = new Map<unknown, Map<unknown, number>>();
  readonly #holdFunctions = new Map<object, boolean>();

  add(value: unknown, parent: unknown, path: readonly string[], depth: number): number {
    const owner = typeof value === 'function' ? parent : undefined;
    let numbers = this.#numbers.get(value);
    if (numbers === undefined) this.#numbers.set(value, (numbers = new Map()));
    const known = numbers.get(owner);
    if (known !== undefined) return known;
    const number = this.nodes.length;
    numbers.set(owner, number);
    const members: ModuleMember[] = [];
    const kind = this.#kindOf(value, depth);
    const { name, length } = kind === 'function' ? (value as Signature) : { name: '', length: 0 };
    this.nodes.push({
      kind,
      path,
      name: textOf(name),
      length: typeof length === 'number' ? length : 0,
      members,
    });
    if (kind === 'value') return number;
    for (const [key, isEnumerable] of namesOf(value as object, kind)) {
      members.push({ key, isEnumerable, ...this.#member(value, kind, key, path, depth) });
    }
    return number;
  }

  #member(
    holder: unknown,
    kind: ModuleNode['kind'],
    key: string,
    path: readonly string[],
    depth: number,
  ): Pick<ModuleMember, 'kind' | 'value'> {
    let value: unknown;
    try {
      value = (holder as Container)[key];
    } catch {
      return { kind: 'later', value: undefined };
    }
    const isObject = typeof value === 'object' && value !== null;
    if (!isObject && typeof value !== 'function') {
      return typeof value === 'symbol'
        ? { kind: 'later', value: undefined }
        : { kind: 'primitive', value };
    }
    if (isObject && kind === 'object') return { kind: 'later', value: undefined };
    return { kind: 'node', value: this.add(value, holder, [...path, key], depth + 1) };
  }

  #kindOf(value: unknown, depth: number): ModuleNode['kind'] {
    if (typeof value === 'function') return 'function';
    if (typeof value !== 'object' || value === null) return 'value';
    if (types.isModuleNamespaceObject(value)) return 'module';
    if (depth >= MAX_DEPTH || !this.#holdsFunctions(value, depth)) return 'value';
    return Array.isArray(value) ? 'array' : isPlain(value) ? 'namespace' : 'object';
  }

  /** In itself, or in what it holds. */
  #holdsFunctions(value: object, depth: number): boolean {
    const known = this.#holdFunctions.get(value);
    if (known !== undefined) return known;
    const visited = new Set<object>();
    const holds = this.#search(value, depth, visited);
    if (holds) this.#holdFunctions.set(value, true);
    // Only then is it known of the others: one that was left in the middle may hold what is in a circle with it.
    else for (const object of visited) this.#holdFunctions.set(object, false);
    return holds;
  }

  #search(value: object, depth: number, visited: Set<object>): boolean {
    const known = this.#holdFunctions.get(value);
    if (known !== undefined || visited.has(value)) return known === true;
    visited.add(value);
    if (!Array.isArray(value) && !isPlain(value)) return classify(value) === 'plain';
    return Object.keys(value).some((key) => {
      const member = tryToRead(value, key);
      if (typeof member === 'function') return true;
      if (typeof member !== 'object' || member === null || depth >= MAX_DEPTH) return false;
      return this.#search(member, depth + 1, visited);
    });
  }
}

function tryToRead(holder: object, key: string): unknown {
  try {
    return (holder as Container)[key];
  } catch {
    return undefined;
  }
}

function isPlain(value: object): boolean {
  if (types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype || (prototype === null && !types.isModuleNamespaceObject(value))
  );
}

/** The names of what it holds, and whether each is enumerable. */
function namesOf(holder: object, kind: ModuleNode['kind']): [key: string, isEnumerable: boolean][] {
  const names = new Map<string, boolean>();
  const isFunction = kind === 'function';
  for (const key of Object.getOwnPropertyNames(holder)) {
    const { enumerable = false } = Object.getOwnPropertyDescriptor(holder, key)!;
    if (isFunction && (FUNCTION_OWN.has(key) || (!enumerable && !isFunctionIn(holder, key))))
      continue;
    if (kind === 'array' && key === 'length') continue;
    names.set(key, enumerable);
  }
  if (kind === 'object') {
    let prototype = Object.getPrototypeOf(holder) as object | null;
    for (
      ;
      prototype !== null && prototype !== Object.prototype;
      prototype = Object.getPrototypeOf(prototype) as object | null
    ) {
      for (const key of Object.getOwnPropertyNames(prototype)) {
        if (key !== 'constructor' && !names.has(key)) names.set(key, false);
      }
    }
  }
  return [...names];
}

function textOf(name: unknown): string {
  return typeof name === 'string' ? name : '';
}

function isFunctionIn(holder: object, key: string): boolean {
  return typeof Object.getOwnPropertyDescriptor(holder, key)?.value === 'function';
}
