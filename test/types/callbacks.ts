/** Compiled, never run: functions and handles among the arguments, as both sides see them. */
import {
  coroutine,
  createTask,
  gather,
  keep,
  run,
  type Coroutine,
  type coroutines,
  type Handle,
} from 'palitra';
import type { handle as makeHandle, Handle as LoopHandle } from 'palitra/loop';
import type { Equal, Expect } from './expect.ts';

interface Row {
  readonly id: number;
}
declare class Session {
  constructor(onOpen: (name: string) => Promise<void>);
  each(onRow: (row: Row) => Promise<boolean>): Promise<number>;
  toString(): string;
  on(event: string): this;
  connect(): Promise<this>;
  anything(): any;
  readonly name: string;
}
interface Odd {
  // oxlint-disable-next-line unicorn/no-thenable -- what this one is for
  then(): void;
  toJSON(): string;
  other(): void;
}
type Ask = (question: string) => Promise<number>;

/** What a module on the loop thread declares: its callbacks return promises. */
declare const module: {
  ask(ask: Ask, ...others: Ask[]): Promise<number>;
  maybe(ask?: Ask): Promise<void>;
  eitherWay(ask: Ask | string): Promise<void>;
  nested(hooks: { on: { open?: Ask; rows: readonly Ask[] }; name: string }): Promise<void>;
  map(hooks: Map<string, Ask>): Promise<void>;
  readonlyMap(hooks: ReadonlyMap<Ask, Row>): Promise<void>;
  set(hooks: Set<Ask>): Promise<void>;
  tuple(pair: [Ask, number]): Promise<void>;
  choose(pick: (sessions: Handle<Session>[]) => Promise<Session>): Promise<string>;
  use(sessions: { list: Session[]; byName: Map<string, Session> }): Promise<void>;
  anything(value: unknown): Promise<void>;
  open(): Promise<Handle<Session>>;
  openFunction(): Promise<Handle<Ask>>;
  Session: typeof Session;
};
declare const api: ReturnType<typeof coroutines<typeof module>>;
const direct = (question: string): number => question.length;
const promised = async (question: string): Promise<number> => question.length;
const wrong = (question: string): string => question;

export function places(): unknown[] {
  // @ts-expect-error -- a wrong result
  run(api.ask(wrong));
  // @ts-expect-error -- wrong parameters
  run(api.ask((question: number) => question));
  // @ts-expect-error -- a wrong result, deep inside
  run(api.nested({ on: { rows: [wrong] }, name: 'n' }));
  // @ts-expect-error -- and in a Map
  run(api.map(new Map([['key', wrong]])));
  // @ts-expect-error -- and in a Set
  run(api.set(new Set([wrong])));
  return [
    run(api.ask(direct, promised, (question) => question.length)),
    run(api.maybe()),
    run(api.maybe(undefined)),
    run(api.maybe(direct)),
    run(api.eitherWay('text')),
    run(api.eitherWay(direct)),
    run(api.nested({ on: { open: direct, rows: [direct, promised] }, name: 'n' })),
    run(api.map(new Map([['key', direct]]))),
    run(api.map(new Map([['key', promised]]))),
    run(api.readonlyMap(new Map([[direct, { id: 1 }]]))),
    run(api.set(new Set([direct]))),
    run(api.tuple([direct, 1])),
    run(api.anything({ any: [direct] })),
  ];
}

/** In place, both sides are in one expression. */
export function inPlace(): void {
  const total = coroutine(async (ask: Ask) => {
    const answer = ask('how many?');
    type Answer = Expect<Equal<typeof answer, Promise<number>>>;
    void (0 as unknown as Answer);
    return answer;
  });
  const sum = run(total((question) => question.length));
  const group = gather(total(direct), total(promised));
  const task = createTask(total(direct));
  type Sums = [
    Expect<Equal<typeof sum, number>>,
    Expect<Equal<typeof group, [number, number]>>,
    Expect<Equal<Awaited<typeof task>, number>>,
  ];
  void (0 as unknown as Sums);
}

export function kept(): void {
  const listener = keep((question: string) => question.length);
  type Same = Expect<Equal<typeof listener, (question: string) => number>>;
  run(api.ask(listener));
  // @ts-expect-error -- functions only
  keep({});
  void (0 as unknown as Same);
}

export function handles(): void {
  const session = run(api.open());
  const constructed = run(new api.Session((name) => void name.length));
  const ask = run(api.openFunction());
  type Handles = [
    Expect<Equal<typeof session, Handle<Session>>>,
    Expect<Equal<typeof constructed, Handle<Session>>>,
    Expect<Equal<Handle<Session>, LoopHandle<Session>>>,
    Expect<Equal<ReturnType<typeof makeHandle<Session>>, Handle<Session>>>,
    Expect<Equal<ReturnType<typeof session.each>, Coroutine<number>>>,
    // The object itself stays behind a handle.
    Expect<Equal<ReturnType<typeof session.on>, Coroutine<Handle<Session>>>>,
    Expect<Equal<ReturnType<typeof session.connect>, Coroutine<Handle<Session>>>>,
    Expect<Equal<ReturnType<typeof session.anything>, Coroutine<any>>>,
    Expect<Equal<ReturnType<typeof session.toString>, Coroutine<string>>>,
    Expect<Equal<ReturnType<typeof ask>, Coroutine<number>>>,
    // What await and JSON.stringify call by themselves is not offered.
    Expect<Equal<keyof Handle<Odd> & string, 'other'>>,
    // Nor are properties: get() reads them.
    Expect<
      Equal<keyof Handle<Session> & string, 'each' | 'toString' | 'on' | 'connect' | 'anything'>
    >,
  ];
  // The methods of a handle take callbacks as the functions of a module do.
  run(session.each((row) => row.id > 1));
  // @ts-expect-error -- and check them
  run(session.each((row) => row.nothing));
  // Handles may be given to callbacks, come back from them, and stand in arguments for their objects.
  run(api.choose((sessions) => sessions[0]!));
  run(api.choose(async () => session));
  run(api.use({ list: [session], byName: new Map([['key', session]]) }));
  // @ts-expect-error -- a handle of something else
  run(api.choose(() => ask));
  void (0 as unknown as Handles);
}
