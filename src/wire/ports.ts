import {
  BroadcastChannel,
  receiveMessageOnPort,
  type MessagePort,
  type Transferable,
} from 'node:worker_threads';
import type { Parcel } from './outbox.ts';
import { clone } from './natives.ts';

/** Carries parcels. It never has a listener, so that a blocked thread finds them. */
export interface ParcelPort {
  /** Throws when the platform refuses a value; then nothing has been sent, and nothing is detached. */
  send(parcels: readonly Parcel[], transfers: readonly Transferable[]): void;
  /** The next batch that has come. */
  take(): Parcel[] | undefined;
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
      take: () => receiveMessageOnPort(data)?.message as Parcel[] | undefined,
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
 * name has two members, so nobody else is woken.
 */
export function joinByName(memory: SharedArrayBuffer, name: string): ChannelEnds {
  const wake = new BroadcastChannel(`${name}:wake`);
  return {
    memory,
    data: new BroadcastParcels(`${name}:data`),
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

class BroadcastParcels implements ParcelPort {
  readonly #channel: BroadcastChannel;
  /** A BroadcastChannel takes its messages whenever the event loop turns. */
  readonly #arrived: Parcel[][] = [];

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener('message', (event) => {
      this.#arrived.push((event as MessageEvent).data as Parcel[]);
    });
    this.#channel.unref();
  }

  /** Nothing can be moved by name: buffers are copied, and then detached here as if they had been moved. */
  send(parcels: readonly Parcel[], transfers: readonly Transferable[]): void {
    const other = transfers.find((item) => !(item instanceof ArrayBuffer));
    if (other !== undefined) {
      throw new TypeError(
        'only ArrayBuffers can be moved to a loop thread by a runner that was made by connect(); use the runner that owns the loop thread for others.',
      );
    }
    this.#channel.postMessage(parcels);
    if (transfers.length > 0) clone(undefined, transfers);
  }

  take(): Parcel[] | undefined {
    return (
      this.#arrived.shift() ??
      (receiveMessageOnPort(this.#channel as never)?.message as Parcel[] | undefined)
    );
  }

  close(): void {
    this.#channel.close();
  }
}
