/** How the calling thread rebuilds something that a module exports. */
export interface ModuleNode {
  readonly kind: 'module' | 'function' | 'namespace' | 'array' | 'object' | 'value';
  /** From the module down to it. */
  readonly path: readonly string[];
  /** Of a function. */
  readonly name: string;
  readonly length: number;
  readonly members: readonly ModuleMember[];
}

export interface ModuleMember {
  readonly key: string;
  readonly isEnumerable: boolean;
  /**
   * `node`: the node with this number. `primitive`: the value itself. `later`: to be read when it is asked
   * for, because it is part of an object with a class, of which nobody knows how far it goes, or throws.
   */
  readonly kind: 'node' | 'primitive' | 'later';
  readonly value: unknown;
}
