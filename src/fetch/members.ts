import { isBun, isDeno } from '../runtime/which.ts';

/**
 * What a member of `init` is for the platform: what it makes a text of; what has to be a text already;
 * something that is there or not; or the value itself.
 */
export type MemberKind = 'text' | 'word' | 'flag' | 'value';

type Members = Readonly<Record<string, MemberKind>>;

const OF_THE_STANDARD: Members = {
  cache: 'text',
  credentials: 'text',
  integrity: 'text',
  keepalive: 'flag',
  method: 'text',
  mode: 'text',
  redirect: 'text',
  referrer: 'text',
  referrerPolicy: 'text',
};

const OF_NODE: Members = {
  ...OF_THE_STANDARD,
  dispatcher: 'value',
  duplex: 'text',
  ...(Number.parseInt(process.versions.node, 10) < 24 ? {} : { priority: 'text' }),
  window: 'flag',
};

const OF_DENO: Members = { ...OF_THE_STANDARD, client: 'value', priority: 'text' };

/** Bun's fetch is written without regard to the rest of the standard. */
const OF_BUN: Members = {
  compress: 'value',
  decompress: 'value',
  keepalive: 'flag',
  maxRedirects: 'value',
  method: 'text',
  protocol: 'value',
  proxy: 'value',
  redirect: 'word',
  session: 'value',
  tls: 'value',
  unix: 'value',
  verbose: 'value',
};

/**
 * What the platform's `fetch` reads of `init`, besides `body`, `headers`, `signal` and Bun's `timeout`. It
 * takes no notice of any other. A test asks the platform (Node 20 to 26, Bun 1.4, Deno 2.9).
 */
export const members: Members = isBun ? OF_BUN : isDeno ? OF_DENO : OF_NODE;
