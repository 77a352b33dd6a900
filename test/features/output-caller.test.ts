import { test } from 'node:test';
import { isNode } from '../support/runtime.ts';
import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { EventLoopThreadRunner } from 'palitra';
import { runScript, type ChildOptions } from '../support/child.ts';

/** Whatever goes through `process.stdout.write` and `process.stderr.write` is noted down in `seen`. */
const prelude = `
  import { coroutine, coroutines, configureGlobalRunner, createTask, EventLoopThreadRunner, run, shutdownGlobalRunner } from 'palitra';
  configureGlobalRunner({ stdio: 'caller' });
  const output = coroutines('./output.js', import.meta);
  const seen = [];
  const { write } = process.stdout;
  process.stdout.write = (chunk) => { seen.push(String(chunk)); return true; };
  process.stderr.write = (chunk) => { seen.push('! ' + chunk); return true; };
  const show = (value) => write.call(process.stdout, JSON.stringify(value) + '\\n');
  const nameOf = (call) => { try { call(); } catch (error) { return error.name; } };
`;

/** What the script has shown, line by line. */
async function shown(script: string, options?: ChildOptions): Promise<unknown[]> {
  const { stdout, stderr, code, isHung } = await runScript(prelude + script, options);
  deepEqual({ stderr, code, isHung }, { stderr: '', code: 0, isHung: false });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

test('what the loop thread prints goes through the caller’s streams, before the call returns', async () => {
  deepEqual(
    await shown(`
      run(output.print('a', 'b'));
      show(seen.splice(0));
      run(output.complain('c'));
      show(seen.splice(0));
    `),
    [['a\n', 'b\n'], ['! c\n']],
  );
});

test('by default it does not', async () => {
  const { stdout } = await runScript(
    `${prelude}
    const other = new EventLoopThreadRunner();
    other.run(output.print('straight'));
    show(seen);
    other.close();
  `
      .replace('using =', 'const using =')
      .replaceAll('using', 'other'),
  );
  equal(stdout, 'straight\n[]\n');
});

test('both streams of both threads, and what callbacks print, come in order', async () => {
  deepEqual(
    await shown(`
      const steps = coroutine(async (callback) => {
        console.log('1');
        await callback();
        console.error('3');
        process.stdout.write('4');
      });
      // In Bun and Deno the console of the main thread asks no process.stdout.write that has been replaced.
      process.stdout.write('0\\n');
      run(steps(() => void process.stdout.write('2\\n')));
      process.stdout.write('5\\n');
      show(seen.map((text) => text.trim()));
    `),
    [['0', '1', '2', '! 3', '4', '5']],
  );
});

test('it is complete also when the call times out, fails, or the loop thread dies', async () => {
  deepEqual(
    await shown(`
      run(output.print());
      const last = coroutine(async (how) => {
        console.log('last words');
        if (how === 'throw') throw new RangeError('no');
        if (how === 'exit') process.exit(3);
        if (how === 'compute') for (;;);
        await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      });
      for (const [how, options] of [['throw'], ['exit'], ['wait', { timeout: 1_000 }], ['compute', { timeout: 1_000 }]]) {
        show([nameOf(() => run(last(how), options)), ...seen.splice(0)]);
      }
      run(output.print('alive'));
      show(seen.filter((text) => !text.startsWith('! ')));
    `),
    [
      ['RangeError', 'last words\n'],
      ['LoopThreadError', 'last words\n'],
      ['TimeoutError', 'last words\n'],
      ['TimeoutError', 'last words\n'],
      ['alive\n'],
    ],
  );
});

test(
  'last words before an end without words are there as well',
  { skip: !isNode && 'only in Node a worker that is out of memory ends' },
  async () => {
    const [[name, first]] = (await shown(`
    const exhaust = coroutine(async () => {
      console.log('before the end');
      const all = [];
      for (;;) all.push(new Array(100_000).fill(all.length));
    });
    const runner = new EventLoopThreadRunner({ stdio: 'caller', resourceLimits: { maxOldGenerationSizeMb: 32 } });
    show([nameOf(() => runner.run(exhaust())), seen[0]]);
    process.stderr.write = () => true;
  `)) as [[string, string]];
    equal(name, 'LoopThreadError');
    equal(first, 'before the end\n');
  },
);

test('a task prints into the event loop of the caller', async () => {
  deepEqual(
    await shown(`
      await createTask(output.print('from a task'));
      show(seen.splice(0));
      const later = coroutine(async () => { setTimeout(() => console.log('later'), 20); });
      run(later());
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      show(seen);
    `),
    [['from a task\n'], ['later\n']],
  );
});

test('many lines, long ones and bytes arrive whole and in order', async () => {
  deepEqual(
    await shown(`
      run(output.printMany('n', 20_000));
      const text = seen.splice(0).join('');
      let expected = '';
      for (let n = 0; n < 20_000; n++) expected += 'n' + n + '\\n';
      show(text === expected);
      run(coroutine(async () => { process.stdout.write('ä'.repeat(1_000_000)); })());
      show(seen.splice(0).join('') === 'ä'.repeat(1_000_000));
      const chunks = [];
      process.stdout.write = (chunk) => chunks.push(chunk);
      run(coroutine(async () => {
        process.stdout.write(new Uint8Array([255, 0, 128]));
        process.stdout.write('ff00', 'hex');
      })());
      show(chunks.map((chunk) => [...chunk]));
    `),
    [
      true,
      true,
      [
        [255, 0, 128],
        [255, 0],
      ],
    ],
  );
});

test('what is printed while the process ends is not lost', async () => {
  const { stdout, code } = await runScript(`
    import { configureGlobalRunner, coroutine, run } from 'palitra';
    configureGlobalRunner({ stdio: 'caller' });
    run(coroutine(async () => {
      const { onShutdown } = await import('palitra/loop');
      onShutdown(() => console.log('shutting down'));
      process.on('exit', () => console.log('exit'));
    })());
    console.log('main');
  `);
  equal(code, 0);
  // The last words go straight out, and may come before what is still on its way.
  deepEqual(stdout.split('\n').sort(), ['', 'exit', 'main', 'shutting down']);
});

test('errors that belong to no coroutine are printed there as well', async () => {
  const [text] = (await shown(`
    run(coroutine(async () => {
      setTimeout(() => { throw new RangeError('in a timer'); });
      await new Promise((resolve) => setTimeout(resolve, 20));
    })());
    show(seen.join(''));
  `)) as [string];
  match(
    text,
    /^! Unhandled error on palitra's loop thread "palitra", which goes on:\nRangeError: in a timer/,
  );
});

test('a stream that throws is an uncaught error, and no call fails for it', async () => {
  deepEqual(
    await shown(`
      const caught = [];
      process.on('uncaughtException', (error) => caught.push(error.message));
      process.stdout.write = () => { throw new Error('full'); };
      const both = coroutine(async () => { console.log('x'); return 1; });
      show(run(both()));
      await new Promise((resolve) => setTimeout(resolve));
      show(caught);
    `),
    [1, ['full']],
  );
});

test('a stream may itself call run', async () => {
  deepEqual(
    await shown(`
      const double = coroutine(async (n) => 2 * n);
      process.stdout.write = (chunk) => { seen.push(String(chunk)); seen.push(run(double(21))); return true; };
      run(output.print('outer', 'again'));
      // Either the second is on its way while the first is written, and comes inside, or it is not.
      show(seen.filter((item) => item !== 42));
      show(seen.length);
    `),
    [['outer\n', 'again\n'], 4],
  );
});

test('an stdio that there is not is a TypeError', () => {
  throws(() => new EventLoopThreadRunner({ stdio: 'pipe' as never }), {
    name: 'TypeError',
    message: "stdio is 'inherit' or 'caller', not pipe.",
  });
});
