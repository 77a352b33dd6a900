import type { RedisOptions } from 'bullmq';
import { isAbsolute } from 'node:path';
import { findMeant } from '../check-options.ts';

/**
 * Where Redis is: a URL such as `redis://user:password@host:6379/0`, the path of a socket, or the options of
 * the `ioredis` client, `sentinels` and `tls` included. A {@link QueueRunner} takes them as far as they are data.
 *
 * @example
 * ```ts
 * import type { QueueConnection } from 'palitra/bullmq';
 *
 * export const byUrl: QueueConnection = 'rediss://user:password@redis.example:6380/0';
 * export const byOptions: QueueConnection = { host: 'redis', port: 6379 };
 * export const bySentinels: QueueConnection = { sentinels: [{ host: 'sentinel', port: 26379 }], name: 'mymaster' };
 * ```
 */
export type QueueConnection = string | URL | RedisOptions;

/** The options of `ioredis` 6, and BullMQ's two. */
const CLIENT_OPTIONS =
  'url skipVersionCheck host port path family tls username password db name role sentinels sentinelUsername ' +
  'sentinelPassword sentinelTLS enableTLSForSentinelMode sentinelRetryStrategy sentinelReconnectStrategy ' +
  'sentinelCommandTimeout sentinelMaxConnections preferredSlaves natMap updateSentinels failoverDetector ' +
  'Connector retryStrategy commandTimeout blockingTimeout blockingTimeoutGrace socketTimeout keepAlive noDelay ' +
  'connectionName disableClientInfo clientInfoTag autoResubscribe autoResendUnfulfilledCommands ' +
  'reconnectOnError readOnly stringNumbers protocol replyMapping connectTimeout disconnectTimeout monitor ' +
  'maxRetriesPerRequest maxLoadingRetryTime enableAutoPipelining autoPipeliningIgnoredCommands offlineQueue ' +
  'commandQueue enableOfflineQueue enableReadyCheck lazyConnect scripts himportFieldsets showFriendlyErrorStack';
const KNOWN = CLIENT_OPTIONS.split(' ');

/** The options that say where Redis is. Without one of them it is on this machine. */
const PLACES = ['url', 'host', 'port', 'path', 'sentinels'];

const CLUSTER =
  'the nodes of a Redis Cluster cannot be given: a queue lives on one Redis. Give its host and port, or sentinels';
/** What other clients call it, or what is written elsewhere. */
const WRITTEN_OTHERWISE: Readonly<Record<string, string>> = {
  nodes: CLUSTER,
  rootNodes: CLUSTER,
  startupNodes: CLUSTER,
  redisOptions: CLUSTER,
  socket: 'host and port stand in the connection itself',
  uri: 'it is called url',
  href: 'it is called url',
  hostname: 'it is called host',
  user: 'it is called username',
  pass: 'it is called password',
  auth: 'it is called password',
  database: 'it is called db',
  ssl: 'it is called tls',
  keyPrefix: 'BullMQ has a prefix of its own: write prefix beside connection',
};

/**
 * A connection as BullMQ takes it.
 *
 * @throws {TypeError} for what the client would not understand, and would look for Redis on this machine instead.
 */
export function checkConnection(connection: unknown): RedisOptions {
  if (connection === undefined) return {};
  if (typeof connection === 'string') return readAddress(connection);
  if (isURL(connection)) return readAddress(connection.href);
  if (typeof connection !== 'object' || connection === null) {
    throw new TypeError("connection is a redis: URL, or an object such as { host: 'redis' }.");
  }
  if (Array.isArray(connection)) {
    throw new TypeError(`connection is one address and not a list: ${CLUSTER}.`);
  }
  if ('status' in connection && 'duplicate' in connection) {
    throw new TypeError(
      'connection is the address of Redis and not a client: give the options the client was made with.',
    );
  }
  // Also one of another realm, whose Object.prototype is another one.
  const prototype: unknown = Object.getPrototypeOf(connection);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(
      "connection is a plain object of the client's options, such as { host: 'redis' }.",
    );
  }
  const given = Object.fromEntries(
    Object.entries(connection).filter(([, value]) => value !== undefined && value !== null),
  );
  checkNames(given);
  checkValues(given);
  return isURL(given['url']) ? { ...connection, url: given['url'].href } : connection;
}

function readAddress(text: string): RedisOptions {
  if (URL.canParse(text) && /^rediss?:/.test(text)) return { url: text };
  if (isAbsolute(text)) return { path: text };
  throw new TypeError(
    `connection is a URL such as 'redis://localhost:6379', not ${JSON.stringify(withoutPassword(text))}.`,
  );
}

/** A client of a later version may have options that are not known here: those pass, if it is said where Redis is. */
function checkNames(given: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(given)) {
    if (KNOWN.includes(name)) continue;
    const advice = Object.hasOwn(WRITTEN_OTHERWISE, name) ? WRITTEN_OTHERWISE[name] : undefined;
    if (advice !== undefined) throw new TypeError(`connection.${name} is no option: ${advice}.`);
    const meant = findMeant(name, KNOWN);
    if (meant !== undefined) {
      throw new TypeError(`connection has no option ${name}: did you mean ${meant}?`);
    }
    if (PLACES.every((place) => given[place] === undefined)) {
      throw new TypeError(
        `connection has no option ${name}, and does not say where Redis is: ` +
          "give url, host and port, path or sentinels, such as { host: 'redis', port: 6379 }.",
      );
    }
  }
}

function checkValues(given: Readonly<Record<string, unknown>>): void {
  const { url, tls, sentinels } = given;
  for (const name of ['host', 'path', 'username', 'password', 'name'] as const) {
    const value = given[name];
    // An empty host would be this machine; an empty password is one.
    if (value === undefined || (typeof value === 'string' && (value !== '' || name !== 'host')))
      continue;
    throw new TypeError(`connection.${name} is a text, not ${kindOf(value)}.`);
  }
  checkPort(given['port'], 'connection.port');
  if (given['db'] !== undefined && !isWhole(given['db'], Number.MAX_SAFE_INTEGER)) {
    throw new TypeError('connection.db is the number of a database, such as 0.');
  }
  if (url !== undefined && !isURL(url)) {
    if (typeof url !== 'string') {
      throw new TypeError("connection.url is a URL such as 'redis://localhost:6379'.");
    }
    readAddress(url);
  }
  if (tls !== undefined && typeof tls !== 'object' && typeof tls !== 'boolean') {
    throw new TypeError('connection.tls is an object of TLS options, such as {} or { ca }.');
  }
  if (sentinels !== undefined) checkSentinels(sentinels, given['name']);
}

function checkSentinels(sentinels: unknown, name: unknown): void {
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw new TypeError(
      "connection.sentinels is a list of addresses, such as [{ host: 'sentinel', port: 26379 }].",
    );
  }
  for (const [index, sentinel] of (sentinels as unknown[]).entries()) {
    const { host, port } = (sentinel ?? {}) as Record<string, unknown>;
    if (typeof host !== 'string' || host === '') {
      throw new TypeError(
        `connection.sentinels[${index}] is an address such as { host: 'sentinel', port: 26379 }.`,
      );
    }
    checkPort(port, `connection.sentinels[${index}].port`);
  }
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      "connection.name is missing: by which name the sentinels know the master, such as 'mymaster'.",
    );
  }
}

function checkPort(port: unknown, name: string): void {
  if (port === undefined || (port !== 0 && isWhole(port, 65_535))) return;
  throw new TypeError(`${name} is a number from 1 to 65535, such as 6379.`);
}

/** Also as a text, which the client reads. */
function isWhole(value: unknown, most: number): boolean {
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value) <= most;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** By its tag: a test runner's realm has a class of its own. */
function isURL(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]';
}

function kindOf(value: unknown): string {
  return value === '' ? 'an empty one' : `a value of type ${typeof value}`;
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//…@');
}

/** For messages: without user and password. */
export function locationOf({ url, host, port, path, sentinels, name }: RedisOptions): string {
  if (sentinels !== undefined && sentinels !== null) {
    const addresses = (sentinels as readonly { host: string; port?: number }[]).map(
      (sentinel) => `${sentinel.host}:${sentinel.port ?? 26_379}`,
    );
    return `the master "${String(name)}" of the sentinels ${addresses.join(', ')}`;
  }
  if (url !== undefined && url !== null) {
    return URL.canParse(url) ? new URL(url).host || '127.0.0.1:6379' : url;
  }
  return (path as string | undefined) ?? `${host ?? '127.0.0.1'}:${port ?? 6379}`;
}
