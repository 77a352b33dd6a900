import type { BroadcastChannel, MessagePort, Transferable } from 'node:worker_threads';
import { openBroadcastChannel } from '../runtime/broadcast-channel.ts';
import { isNode } from '../runtime/which.ts';
import { workerThreads } from '../runtime/worker-threads.ts';
import type { Parcel } from './outbox.ts';
import { clone } from './natives.ts';
import { Overflow } from './overflow.ts';

/** Carries parcels. It never has a listener, so that a blocked thread finds them. */
export interface ParcelPort {
  /** Throws when the platform refuses a value; then nothing has been sent, and nothing is detached. */
  send(parcels: readonly Parcel[], transfers: readonly Transferable[]): void;
  /** The next batch that has come. */
  take(): Parcel[] | undefined;
  /** Where a batch may be announced before it can be taken, this tells when it can. */
  onArrival?(listener: () => void): void;
  close(): void;
}

/** Carries nothing; what is sent turns the event loop of the side that sleeps. */
interface WakePort {
  wake(): void;
  onWake(listener: () => void): void;
  /** Keeps the event loop of this thread alive, as ports do. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** One thread's ends of a channel. */
export interface ChannelEnds {
  readonly memory: SharedArrayBuffer;
  readonly data: ParcelPort;
  readonly wake: WakePort;
}

/** Between a thread and the loop thread that it has started, which was born with the other ends. */
export function joinByPorts(
  memory: SharedArrayBuffer,
  data: MessagePort,
  wake: MessagePort,
): ChannelEnds {
  return {
    memory,
    data: {
      send: (parcels, transfers) => data.postMessage(parcels, transfers),
      take: () => workerThreads().receiveMessageOnPort(data)?.message as Parcel[] | undefined,
      close: () => data.close(),
    },
    wake: {
      wake: () => wake.postMessage(null),
      onWake: (listener) => void wake.on('message', listener),
      ref: () => wake.ref(),
      unref: () => wake.unref(),
      close: () => wake.close(),
    },
  };
}

/**
 * Between threads that have never met: ports cannot be handed over then, but both know a name. Each
 * name has two members, so nobody else is woken. `overflow` is what {@link allocateOverflow} gave to the
 * thread that introduced itself.
 */
export function joinByName(
  memory: SharedArrayBuffer,
  name: string,
  overflow: SharedArrayBuffer | undefined,
  side: 'caller' | 'loop',
): ChannelEnds {
  const wake = openBroadcastChannel(`${name}:wake`);
  return {
    memory,
    data: parcelsByName(`${name}:data`, overflow, side),
    wake: {
      wake: () => wake.postMessage(null),
      onWake: (listener) => {
        wake.addEventListener('message', listener);
      },
      ref: () => wake.ref(),
      unref: () => wake.unref(),
      close: () => wake.close(),
    },
  };
}

/** Only Node can read a BroadcastChannel of a blocked thread. */
export function allocateOverflow(): SharedArrayBuffer | undefined {
  return isNode ? undefined : Overflow.allocate();
}

function parcelsByName(
  name: string,
  overflow: SharedArrayBuffer | undefined,
  side: 'caller' | 'loop',
): ParcelPort {
  const channel = new BroadcastParcels(name);
  if (overflow === undefined) return channel;
  const memory = new Overflow(overflow);
  if (side === 'caller') {
    return {
      send: (parcels, transfers) => channel.send(parcels, transfers),
      take: () => memory.take(),
      close: () => channel.close(),
    };
  }
  return {
    send: (parcels, transfers) => {
      memory.write(parcels);
      detach(transfers);
    },
    take: () => channel.takeArrived(),
    onArrival: (listener) => {
      channel.afterArrival = listener;
    },
    close: () => channel.close(),
  };
}

/** As if they had been moved. */
function detach(buffers: readonly Transferable[]): void {
  if (buffers.length > 0) clone(undefined, buffers);
}

class BroadcastParcels implements ParcelPort {
  afterArrival: (() => void) | undefined;
  readonly #channel: BroadcastChannel;
  /** A BroadcastChannel takes its messages whenever the event loop turns. */
  readonly #arrived: Parcel[][] = [];

  constructor(name: string) {
    this.#channel = openBroadcastChannel(name);
    this.#channel.addEventListener('message', (event) => {
      this.#arrived.push((event as MessageEvent).data as Parcel[]);
      this.afterArrival?.();
    });
    this.#channel.unref();
  }

  /** Nothing can be moved by name: buffers are copied, and then detached here. */
  send(parcels: readonly Parcel[], transfers: readonly Transferable[]): void {
    const other = transfers.find((item) => !(item instanceof ArrayBuffer));
    if (other !== undefined) {
      throw new TypeError(
        'only ArrayBuffers can be moved to a loop thread by a runner that was made by connect(); use the runner that owns the loop thread for others.',
      );
    }
    this.#channel.postMessage(parcels);
    detach(transfers);
  }

  takeArrived(): Parcel[] | undefined {
    return this.#arrived.shift();
  }

  take(): Parcel[] | undefined {
    return (
      this.#arrived.shift() ??
      (workerThreads().receiveMessageOnPort(this.#channel as never)?.message as
        | Parcel[]
        | undefined)
    );
  }

  close(): void {
    this.#channel.close();
  }
}
