import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Server } from './servers.ts';

/** What the network between two processes is like. */
export interface Weather {
  /** Milliseconds by which every byte is late, in each direction. */
  readonly delay?: number;
  /** At most so many bytes arrive together. */
  readonly piece?: number;
  /** Connections stay open, and nothing comes through any more. */
  readonly isSilent?: boolean;
  /** New connections are refused. */
  readonly isDown?: boolean;
}

/** A network of one cable, in a process of its own, for a test that may be blocked. */
export interface Proxy extends Server {
  /** From now on; takes effect before it resolves. */
  set(weather: Weather): Promise<void>;
  /** Tears all connections. */
  cut(): Promise<void>;
}

type Order = { readonly weather: Weather } | 'cut';

/** Starts a proxy before a port of this machine. */
export async function startProxy(target: number): Promise<Proxy> {
  const child = fork(fileURLToPath(import.meta.url), ['proxy', String(target)], { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  const obey = async (order: Order): Promise<void> => {
    const done = once(child, 'message');
    child.send(order);
    await done;
  };
  return {
    port,
    set: (weather) => obey({ weather }),
    cut: () => obey('cut'),
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function serveAsProxy(target: number): void {
  let weather: Weather = {};
  const open = new Set<Socket>();
  const server = createServer((from) => {
    if (weather.isDown === true) {
      from.destroy();
      return;
    }
    const to = connect(target, '127.0.0.1');
    pass(from, to);
    pass(to, from);
  }).listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    process.send!(port);
  });

  function pass(from: Socket, to: Socket): void {
    open.add(from);
    from.setNoDelay();
    from.on('error', () => undefined);
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
    // In order, whatever the weather was when each of them came.
    let before = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      const { delay = 0, piece = bytes.length, isSilent } = weather;
      if (isSilent === true) return;
      const due = performance.now() + delay;
      before = before.then(async () => {
        const ms = due - performance.now();
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
        for (let start = 0; start < bytes.length; start += piece) {
          if (to.destroyed) return;
          to.write(bytes.subarray(start, start + piece));
          if (piece < bytes.length) await new Promise(setImmediate);
        }
      });
    });
  }

  process.on('message', (order: Order) => {
    if (order === 'cut') for (const socket of open) socket.destroy();
    else ({ weather } = order);
    process.send!('done');
  });
  process.on('disconnect', () => process.exit());
}

if (process.argv[2] === 'proxy') serveAsProxy(Number(process.argv[3]));
