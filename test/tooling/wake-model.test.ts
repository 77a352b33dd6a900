import { equal, match, ok } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const model = fileURLToPath(new URL('docs/design/wake-protocol.pml', root));

const hasSpin = ['spin', 'gcc'].every((tool) => spawnSync(tool, ['--version']).error === undefined);
const skip = hasSpin
  ? false
  : 'NOT CHECKED: spin and gcc are not installed (apt-get install spin gcc)';

/** Explores the model, whole, and returns what the checker prints. What ends early is not worth a good compiler. */
function explore(optimization: '-O0' | '-O1', ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'palitra-model-'));
  try {
    execFileSync('spin', ['-a', ...options, model], { cwd: folder });
    execFileSync('gcc', [optimization, '-DSAFETY', '-DCOLLAPSE', '-o', 'pan', 'pan.c'], {
      cwd: folder,
    });
    return execFileSync(join(folder, 'pan'), ['-m1000000'], { cwd: folder, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const options of [
  ['-DCALLS=2', '-DNESTED'],
  ['-DCALLS=2', '-DCUTS'],
  ['-DCALLERS=2', '-DCALLS=1', '-DIMMORTAL'],
  ['-DCALLS=2', '-DLEAVES'],
  ['-DLOOPS=2', '-DCALLS=1'],
]) {
  test(`the wake protocol has no error with ${options.join(' ')}`, { skip }, () => {
    const report = explore('-O1', ...options);
    match(report, /errors: 0\b/);
    ok(!/search depth too small|out of memory|MEMLIM/.test(report), report);
  });
}

/** With what the damage has to do, if not with any call. */
const WITH: Readonly<Record<number, readonly string[]>> = {
  7: ['-DLEAVES'],
  8: ['-DLEAVES'],
  9: ['-DCUTS'],
  10: ['-DNESTED'],
};

for (let damage = 1; damage <= 11; damage++) {
  test(`damage ${damage} to the wake protocol is found`, { skip }, () => {
    match(explore('-O0', `-DBREAK_${damage}`, ...(WITH[damage] ?? [])), /errors: 1\b/);
  });
}

test('the model names the words, the states and the functions of the code', () => {
  const text = readFileSync(model, 'utf8');
  const source = (file: string): string => readFileSync(new URL(`src/${file}`, root), 'utf8');
  const layout = source('wire/layout.ts');
  for (const word of [
    'LOOP_SLEEPS',
    'CALL_SEQ',
    'CALL_TAKEN',
    'REPLY_SEQ',
    'ASLEEP',
    'WAKE_POSTED',
  ]) {
    match(text, new RegExp(`^\\w+ ${word}\\b`, 'm'));
    match(layout, new RegExp(` \\* +word +\\d+ +${word} `));
  }
  const pump = source('loop/pump.ts');
  for (const state of ['ticking', 'turning', 'sleeping']) {
    match(text, new RegExp(`^${state}:$`, 'm'));
    match(pump, new RegExp(`\\*\\*${state}\\*\\*`));
  }
  const files = {
    Connection: 'caller/connection.ts',
    thread: 'caller/thread.ts',
    LoopChannel: 'loop/channel.ts',
    Pump: 'loop/pump.ts',
    Dispatcher: 'loop/dispatch.ts',
    LoopThread: 'loop/loop-thread.ts',
  };
  const named = [
    ...text.matchAll(
      /\b(Connection|thread|LoopChannel|Pump|Dispatcher|LoopThread)\.(#?(?!ts\b)\w+)/g,
    ),
  ];
  ok(named.length >= 9);
  for (const [, owner, method] of named) {
    match(source(files[owner as keyof typeof files]), new RegExp(`^  ${method}(?:\\(| = )`, 'm'));
  }
});

test('the drawing of the bytes is the one in the source', () => {
  const source = readFileSync(new URL('src/wire/layout.ts', root), 'utf8');
  const page = readFileSync(new URL('docs/design/wake-protocol.md', root), 'utf8');
  const inSource = /```text\n([^]*?)\n \* ```/.exec(source)![1]!.replaceAll(/^ \* ?/gm, '');
  const inPage = /<!-- layout -->\n```text\n([^]*?)\n```/.exec(page)![1]!;
  equal(inPage, inSource);
});
