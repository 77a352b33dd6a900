import type { EventEmitter } from 'node:events';

/** The module whose types the tests look at. Nothing of it is ever run. */
export declare function fetchComment(id: number): Promise<{ id: number; text: string }>;
export declare function add(a: number, b?: number): number;
export declare function sum(...numbers: number[]): Promise<number>;
export declare function find(id: number): Promise<'by id'>;
export declare function find(name: string): Promise<'by name'>;
export declare function rows(query: string): AsyncGenerator<{ row: number }, 'end', 'go on'>;
export declare function lines(): Promise<ReadableStream<string>>;
export declare function watch(
  onProgress: (percent: number) => Promise<boolean>,
  options?: { onEnd: () => Promise<void> },
): Promise<void>;
export declare class Client {
  constructor(url: string);
  get(key: string): Promise<string | null>;
  readonly timeout: number;
}
export declare function use(client: Client): Promise<boolean>;
export declare const users: { find(id: number): Promise<string>; readonly table: string };
export declare const VERSION: string;
export declare const emitter: EventEmitter;
export default function main(): Promise<'main'> {
  throw new Error('only types');
}
