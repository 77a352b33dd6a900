/**
 * The HTTP server of the tests of `palitra/fetch`: a process of its own, so that it answers while a test is
 * blocked. Prints its port. With a folder as argument that has `key.pem` and `cert.pem`, it speaks HTTPS.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

type Route = (exchange: Exchange) => unknown;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** What the test calls this request. */
  readonly key: string;
}

/** What is known of a request with a key. */
interface Story {
  isSeen: boolean;
  /** Of its body, from the client. */
  received: number;
  /** Of the body of its response. */
  sent: number;
  /** Is its socket gone, or has it been answered whole? */
  isOver: boolean;
  wasAborted: boolean;
}

const counts = { connections: 0, requests: 0 };
const stories = new Map<string, Story>();
const socketNumbers = new WeakMap<object, number>();

function storyOf(key: string): Story {
  let story = stories.get(key);
  if (story === undefined) {
    story = { isSeen: false, received: 0, sent: 0, isOver: false, wasAborted: false };
    stories.set(key, story);
  }
  return story;
}

async function json(response: ServerResponse, value: unknown): Promise<void> {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Writes until the client is gone or has had enough, no faster than it reads. */
async function pour({ response, key }: Exchange, total: number, size: number): Promise<void> {
  const story = storyOf(key);
  const chunk = Buffer.alloc(size, 'x');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  for (let sent = 0; sent < total && !response.destroyed && !gone.signal.aborted; sent += size) {
    const isRoomLeft = response.write(chunk);
    story.sent += size;
    if (!isRoomLeft) {
      await once(response, 'drain', gone).catch(() => undefined);
    }
  }
  response.end();
}

/** Until something has happened to a request: its story. */
async function waitFor(key: string, isReached: (story: Story) => boolean): Promise<Story> {
  const story = storyOf(key);
  const deadline = Date.now() + 10_000;
  while (!isReached(story) && Date.now() < deadline) await sleep(2);
  return story;
}

const TEXT = 'a text that is compressed. '.repeat(100);

const routes: Record<string, Route> = {
  '/echo': async ({ request, response }) => {
    const body = await buffer(request);
    const { method, url, rawHeaders } = request;
    await json(response, {
      method,
      url,
      headers: Object.fromEntries(
        rawHeaders.flatMap((name, index) =>
          index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1]]] : [],
        ),
      ),
      body: body.toString('latin1'),
      socket: socketNumbers.get(request.socket),
    });
  },
  '/counts': ({ response }) => json(response, counts),
  /** When the request of that name is over. */
  '/over': async ({ response, url }) =>
    json(response, await waitFor(url.searchParams.get('of')!, (story) => story.isOver)),
  /** When it has begun. */
  '/seen': async ({ response, url }) =>
    json(response, await waitFor(url.searchParams.get('of')!, (story) => story.isSeen)),
  '/story': ({ response, url }) => json(response, storyOf(url.searchParams.get('of')!)),
  /** Sends back what was sent, as the one it says it is. */
  '/back': ({ request, response }) => {
    response.setHeader('content-type', request.headers['content-type'] ?? '');
    request.pipe(response);
  },
  '/status': ({ response, url }) => {
    const status = Number(url.searchParams.get('is'));
    response.writeHead(status, url.searchParams.get('text') ?? undefined);
    response.end(status === 204 || status === 304 ? undefined : `status ${status}`);
  },
  '/redirect': ({ response, url }) => {
    const left = Number(url.searchParams.get('times') ?? 1);
    const to = left > 1 ? `/redirect?times=${left - 1}` : (url.searchParams.get('to') ?? '/echo');
    response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to });
    response.end('elsewhere');
  },
  '/cookies': ({ response }) => {
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2, c; HttpOnly']);
    response.end();
  },
  '/compressed': ({ response, url }) => {
    const encoding = url.searchParams.get('by')!;
    const compress = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync }[encoding]!;
    response.setHeader('content-encoding', encoding);
    response.setHeader('content-type', 'text/plain; charset=UTF-8');
    response.end(compress(TEXT));
  },
  '/broken': ({ response }) => {
    response.setHeader('content-encoding', 'gzip');
    response.end('this is not gzip');
  },
  '/typed': ({ response, url }) => {
    response.setHeader('content-type', url.searchParams.get('type') ?? 'text/plain');
    response.end(Buffer.from(url.searchParams.get('hex') ?? '', 'hex'));
  },
  '/chunks': (exchange) => {
    const { searchParams } = exchange.url;
    return pour(
      exchange,
      Number(searchParams.get('total')),
      Number(searchParams.get('size') ?? 65_536),
    );
  },
  '/endless': (exchange) => pour(exchange, Infinity, 65_536),
  /** One line after the other, each when the one before has been asked about. */
  '/lines': async ({ response, key }) => {
    for (let line = 1; line <= 3; line++) {
      response.write(`line ${line}\n`);
      storyOf(key).sent += 1;
      await waitFor(`${key}-${line}`, ({ received }) => received > 0);
    }
    response.end();
  },
  '/go-on': ({ response, key }) => {
    storyOf(key).received += 1;
    response.end();
  },
  '/silent': () => undefined,
  '/stalled': ({ response }) => response.write('the beginning'),
  '/cut': ({ request, response }) => {
    response.setHeader('content-length', 100);
    response.write('the beginning');
    setTimeout(() => request.socket.destroy(), 5);
  },
  '/slam': ({ request }) => request.socket.destroy(),
  /** Reads nothing until it is told to. */
  '/full': async ({ request, response, key }) => {
    await waitFor(`${key}-read`, ({ received }) => received > 0);
    const story = storyOf(key);
    for await (const chunk of request) story.received += (chunk as Buffer).length;
    await json(response, story.received);
  },
  /** Answers without having read a body that is still being written. */
  '/refuse': ({ response }) => {
    response.writeHead(413);
    response.end('too large');
  },
};

function handle(request: IncomingMessage, response: ServerResponse): void {
  counts.requests += 1;
  const url = new URL(request.url!, 'http://localhost');
  const key = url.searchParams.get('key') ?? '';
  storyOf(key).isSeen = true;
  response.once('close', () => {
    const story = storyOf(key);
    story.isOver = true;
    story.wasAborted = !response.writableFinished;
  });
  request.on('error', () => undefined);
  const route = routes[url.pathname];
  if (route === undefined) {
    response.writeHead(404);
    response.end('no such route');
    return;
  }
  Promise.resolve(route({ request, response, url, key })).catch((error: unknown) => {
    if (!response.destroyed) response.destroy(error as Error);
  });
}

const [folder] = process.argv.slice(2);
const server =
  folder === undefined
    ? createServer({ keepAliveTimeout: 3_600_000 }, handle)
    : createSecureServer(
        {
          key: readFileSync(join(folder, 'key.pem')),
          cert: readFileSync(join(folder, 'cert.pem')),
          keepAliveTimeout: 3_600_000,
        },
        handle,
      );
server.on(folder === undefined ? 'connection' : 'secureConnection', (socket: object) => {
  counts.connections += 1;
  socketNumbers.set(socket, counts.connections);
});
server.listen(0, '127.0.0.1', () => {
  console.log(`port ${(server.address() as AddressInfo).port}`);
});
