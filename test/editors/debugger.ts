import { spawn } from 'node:child_process';
import { WebSocket } from 'undici';

// oxlint-disable-next-line typescript/no-explicit-any -- each message has its own
export type Params = Record<string, any>;

/** A session of the inspector's protocol with one thread. */
export interface Session {
  send(method: string, params?: object): Promise<Params>;
  /** Calls back with each event of that name. */
  on(method: string, listener: (params: Params) => void): void;
}

/** A process that is being debugged, as an editor does it: one connection, and sessions with its threads in that. */
export interface Debugged {
  /** The session with a thread that has this name, once it has started. It waits for {@link Session.send} of `Runtime.runIfWaitingForDebugger`. */
  thread(name: string): Promise<Session>;
  readonly main: Session;
  /** The same promise; it fails when the process ends before it is settled. */
  before<T>(event: Promise<T>): Promise<T>;
  /** What it has printed, once it has ended; it is killed when that takes too long. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
}

const LIMIT_MS = 60_000;

/** Starts `file` with an inspector, attaches to it, and lets it run. */
export async function debug(file: string, flags: readonly string[]): Promise<Debugged> {
  const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let stdout = '';
  let stderr = '';
  let socket: WebSocket | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout });
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.on('close', () => reject(new Error(`it ended before it could be debugged: ${stderr}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const found = /ws:\/\/\S+/.exec(stderr)?.[0];
      if (found !== undefined) resolve(found);
      // Node waits for whoever debugs it to leave.
      if (stderr.includes('Waiting for the debugger to disconnect')) socket?.close();
    });
  });
  const early = ended.then(({ code }): never => {
    throw new Error(`it ended with ${code}, and printed:\n${stdout}\n${stderr}`);
  });
  early.catch(() => undefined);
  const before = <T>(event: Promise<T>): Promise<T> => Promise.race([event, early]);
  const opened = (socket = new WebSocket(url));
  await before(new Promise((resolve) => opened.addEventListener('open', resolve, { once: true })));
  const main = new Messages((text) => opened.send(text), before);
  opened.addEventListener('message', ({ data }) => main.receive(String(data)));
  const threads = new Map<string, Messages>();
  const named = new Map<string, (session: Session) => void>();
  main.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
    const session = new Messages(
      (message) => void main.send('NodeWorker.sendMessageToWorker', { sessionId, message }),
      before,
    );
    threads.set(sessionId, session);
    const { title } = workerInfo as { title: string };
    for (const [name, resolve] of named) if (title.endsWith(name)) resolve(session);
  });
  main.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) => {
    threads.get(sessionId)?.receive(message);
  });
  return {
    main,
    ended,
    before,
    thread: (name) => new Promise((resolve) => named.set(name, resolve)),
  };
}

class Messages implements Session {
  readonly #write: (text: string) => void;
  readonly #before: (answer: Promise<Params>) => Promise<Params>;
  readonly #answers = new Map<number, (result: Params) => void>();
  readonly #listeners: [method: string, listener: (params: Params) => void][] = [];
  #count = 0;

  constructor(write: (text: string) => void, before: (answer: Promise<Params>) => Promise<Params>) {
    this.#write = write;
    this.#before = before;
  }

  send(method: string, params: object = {}): Promise<Params> {
    const id = ++this.#count;
    const answer = new Promise<Params>((resolve) => this.#answers.set(id, resolve));
    this.#write(JSON.stringify({ id, method, params }));
    const answered = this.#before(answer);
    // Not everybody waits for it: the process may end before it answers to what lets it end.
    answered.catch(() => undefined);
    return answered;
  }

  on(method: string, listener: (params: Params) => void): void {
    this.#listeners.push([method, listener]);
  }

  receive(text: string): void {
    const { id, method, params, result, error } = JSON.parse(text) as Params;
    if (id !== undefined) this.#answers.get(id)?.(result ?? error);
    for (const [name, listener] of this.#listeners) if (name === method) listener(params);
  }
}
