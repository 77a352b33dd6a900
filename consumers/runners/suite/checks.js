/** What must hold under every test runner, by title; each is given the runner's `expect`. */
import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { runInNewContext } from 'node:vm';
import {
  coroutine,
  createTask,
  gather,
  iterate,
  registerError,
  run,
  sharedContext,
  sync,
  TimeoutError,
  UncloneableError,
} from 'palitra';

export class QuotaError extends RangeError {
  constructor(message, used) {
    super(message);
    this.used = used;
  }
}

registerError(QuotaError);

export const checks = (loop) => ({
  'the loop thread starts with the environment that the test sees'(expect) {
    process.env['PALITRA_CONSUMER'] = 'set by the test';
    expect(run(loop.environment('PALITRA_CONSUMER'))).toBe('set by the test');
  },
  'values arrive as the test’s own arrays, objects, maps and dates'(expect) {
    const value = {
      array: [1, [2], { three: 3 }],
      map: new Map([['a', { b: new Set([1]) }]]),
      date: new Date(7),
      pattern: /x/gi,
      nothing: [null, undefined, -0, NaN, 2n ** 70n],
    };
    const echoed = run(loop.echo(value));
    expect(echoed).toStrictEqual(value);
    expect(echoed).toBeInstanceOf(Object);
    expect(echoed.array).toBeInstanceOf(Array);
    expect(echoed.map).toBeInstanceOf(Map);
    expect(echoed.map.get('a').b).toBeInstanceOf(Set);
    expect(echoed.date).toBeInstanceOf(Date);
    expect(echoed.pattern).toBeInstanceOf(RegExp);
  },

  'typed arrays and buffers arrive as the test’s own, small and large'(expect) {
    for (const length of [4, 5_000]) {
      const bytes = new Uint8Array(length).fill(7);
      const floats = new Float64Array(length).fill(0.5);
      const echoed = run(loop.echo({ bytes, floats, buffer: bytes.buffer }));
      expect(echoed).toStrictEqual({ bytes, floats, buffer: bytes.buffer });
      expect(echoed.bytes).toBeInstanceOf(Uint8Array);
      expect(echoed.floats).toBeInstanceOf(Float64Array);
      expect(echoed.buffer).toBeInstanceOf(ArrayBuffer);
      expect(echoed.bytes.buffer).toBe(echoed.buffer);
      expect(run(loop.echo(Buffer.from(bytes)))).toStrictEqual(bytes);
    }
  },

  'objects of other realms cross: from the platform’s modules, and from a context of node:vm'(
    expect,
  ) {
    const models = cpus().map(({ model }) => ({ model }));
    expect(run(loop.echo(models))).toStrictEqual([...models]);
    expect(run(loop.echo(statSync('.'))).size).toBe(statSync('.').size);
    const foreign = runInNewContext(`({
      array: [1], map: new Map([[1, 2]]), error: new TypeError('far'), bytes: new Uint8Array(3), call: (n) => n + 1,
    })`);
    const { array, map, error, bytes } = run(loop.echo({ ...foreign, call: undefined }));
    expect({ array, map, bytes }).toStrictEqual({
      array: [1],
      map: new Map([[1, 2]]),
      bytes: new Uint8Array(3),
    });
    expect(error).toBeInstanceOf(TypeError);
    expect(run(loop.call(foreign.call, 41))).toBe(42);
    expect(run(loop.classesOf(foreign.map, foreign.error))).toEqual(['Map', 'Error']);
  },

  'errors are of the test’s own classes'(expect) {
    expect(() => run(loop.fail())).toThrow(TypeError);
    expect(() => run(loop.fail())).toThrow('wrong');
    expect(thrownBy(() => run(loop.fail())).cause).toBeInstanceOf(SyntaxError);
    const quota = thrownBy(() => run(loop.fail('quota')));
    expect(quota).toBeInstanceOf(QuotaError);
    expect(quota).toMatchObject({ used: 7, name: 'RangeError' });
    const { errors } = thrownBy(() => run(loop.fail('aggregate')));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(TypeError);
    expect(errors[1]).toBeInstanceOf(QuotaError);
    const system = thrownBy(() => run(loop.fail('system')));
    expect(system).toBeInstanceOf(Error);
    expect(system).toMatchObject({ code: 'ENOENT', syscall: 'open' });
    const dom = thrownBy(() => run(loop.fail('dom')));
    expect(dom).toBeInstanceOf(DOMException);
    expect(dom.name).toBe('DataError');
    for (const error of [quota, system, dom]) {
      expect(error.stack).toMatch(/loop\.mjs[^]*called by palitra from[^]*checks\.js/);
      expect(error.stack).not.toMatch(/palitra\/dist\/(run|runner)\.js/);
    }
  },

  'palitra’s own errors are known by their classes'(expect) {
    expect(() => run(loop.hang(), { timeout: 20 })).toThrow(TimeoutError);
    expect(() => run(loop.echo(Symbol('s')))).toThrow(UncloneableError);
    expect(() => run(loop.echo(new WeakMap()))).toThrow('arguments[0]');
    expect(() => run(Promise.resolve(1))).toThrow('not a promise');
    expect(() => run(loop.missing())).toThrow(TypeError);
  },

  'callbacks run on the test’s own stack, and throw what they throw'(expect) {
    const seen = [];
    expect(run(loop.call((n) => (seen.push(n), { twice: n * 2 }), 21))).toStrictEqual({
      twice: 42,
    });
    expect(seen).toEqual([21]);
    const thrown = thrownBy(() => run(loop.call(() => throwIt(new QuotaError('full', 3)))));
    expect(thrown).toBeInstanceOf(QuotaError);
    expect(thrown.used).toBe(3);
    const failure = run(loop.failIn(() => throwIt(new RangeError('out'))));
    expect(failure).toStrictEqual({ name: 'RangeError', isError: true, message: 'out' });
    const notFound = run(loop.failIn(() => statSync('/nowhere')));
    expect(notFound).toMatchObject({ name: 'Error', isError: true });
    expect(() => run(loop.call(() => expect(1).toBe(2)))).toThrow('Object.is equality');
    expect(run(loop.call((n) => run(loop.echo(n)), 5))).toBe(5);
    expect(() => run(loop.call(async () => 1))).toThrow(TypeError);
  },

  async 'tasks are awaited, iterators iterate, handles call'(expect) {
    expect(gather(loop.sleep(2, 'a'), loop.sleep(1, 'b'))).toStrictEqual(['a', 'b']);
    expect(await createTask(loop.sleep(5, { done: true }))).toStrictEqual({ done: true });
    await expect(Promise.resolve(createTask(loop.fail('quota')))).rejects.toBeInstanceOf(
      QuotaError,
    );
    expect([...iterate(loop.countTo(3))]).toStrictEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(run(run(loop.open('Ada')).greet('Grace'))).toBe('Ada greets Grace');
    expect(sync(loop).echo(1)).toBe(1);
    const user = sharedContext('user');
    expect(user.run('Ada', () => run(loop.call(() => user.get())))).toBe('Ada');
  },

  'an aborted signal is the test’s own'(expect) {
    const controller = new AbortController();
    const reason = new QuotaError('enough', 1);
    const abort = () => controller.abort(reason);
    const { signal } = controller;
    expect(thrownBy(() => run(loop.call(abort), { signal }))).toBe(reason);
    expect(thrownBy(() => run(loop.echo(1), { signal }))).toBe(reason);
  },
});

/** With a fake clock, and the runner's way to switch it on and off. */
export function checkFakeClock(loop, expect, { useFakeTimers, useRealTimers }) {
  useFakeTimers();
  try {
    expect(() => run(loop.hang(), { timeout: 50 })).toThrow(TimeoutError);
    expect(run(loop.sleep(5, 'slept'), { timeout: 10_000 })).toBe('slept');
    expect(thrownBy(() => createTask(loop.hang()).result({ timeout: 50 }))).toBeInstanceOf(
      TimeoutError,
    );
  } finally {
    useRealTimers();
  }
}

export const inline = {
  plain: coroutine(async (a, b) => a + b),
  importing: coroutine(async () => (await import('node:path')).basename('/a/b')),
};

function thrownBy(body) {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
}

function throwIt(error) {
  throw error;
}
