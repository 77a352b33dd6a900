import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runNode } from '../support/child.ts';
import { createProject, type Project } from '../support/project.ts';

/** What is erased at the top moves every line below it. */
const api = `export interface Options {
  readonly id: number;
}

export type Reason = 'lost' | 'late';

export async function load({ id }: Options, reason: Reason): Promise<never> {
  throw new RangeError(\`\${id} \${reason}\`);
}

export async function* rows(options: Options): AsyncGenerator<number> {
  yield 1;
  await load(options, 'late');
}

export async function pass(callback: () => Promise<void>): Promise<void> {
  await callback();
}
`;

const main = `import { coroutines, createTask, gather, iterate, run, sync } from 'palitra';

interface Setting {
  readonly name: string;
}

type Ways = Record<string, () => unknown>;

const api = coroutines<typeof import('./api.ts')>('./api.js', import.meta);

const ways: Ways = {
  run: function byRun() {
    return run(api.load({ id: 1 }, 'lost'));
  },
  gather: function byGather() {
    return gather(api.load({ id: 1 }, 'lost'));
  },
  task: function byTask() {
    return createTask(api.load({ id: 1 }, 'lost')).result();
  },
  sync: function bySync() {
    return sync(api).load({ id: 1 }, 'lost');
  },
  iterate: function byIterate() {
    return [...iterate(api.rows({ id: 1 }))];
  },
  callback: function byCallback() {
    return run(api.pass(function fromCallback() { throw new RangeError('from a callback'); }));
  },
};

const stacks: Setting[] & Record<string, string> = {} as never;
for (const [name, way] of Object.entries(ways)) {
  try {
    way();
  } catch (error) {
    stacks[name] = (error as Error).stack!;
  }
}
console.log(JSON.stringify(stacks));
`;

/** The line in the text of a module where this stands. */
function lineOf(source: string, part: string): number {
  const index = source.split('\n').findIndex((line) => line.includes(part));
  ok(index >= 0, part);
  return index + 1;
}

let project: Project;

before(async () => {
  project = await createProject({
    'tsconfig.json': {
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        noCheck: true,
        sourceMap: true,
        rootDir: 'src',
        outDir: 'out',
      },
      include: ['src'],
    },
    'src/api.ts': api,
    'src/main.ts': main,
  });
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const args = [join(typescript, 'bin/tsc'), '-p', project.folder];
  const { code, stdout } = await runNode(args, { cwd: project.folder, limitMs: 60_000 });
  equal(code, 0, stdout);
});
after(() => project.remove());

/** What each of the ways above throws. */
async function stacksWith(...nodeArgs: string[]): Promise<Record<string, string>> {
  const { stdout, stderr } = await runNode([...nodeArgs, project.path('out/main.js')]);
  equal(stderr, '');
  return JSON.parse(stdout) as Record<string, string>;
}

/** The frames of a stack: file and line of each, and \`---\` for the line between the threads. */
function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) =>
      line.includes(' --- ') ? '---' : (/(\w+\.\w+:\d+):\d+\)?$/.exec(line)?.[1] ?? line),
    );
}

test('with --enable-source-maps a stack names the TypeScript files and lines of both threads', async () => {
  const stacks = await stacksWith('--enable-source-maps');
  const thrown = `api.ts:${lineOf(api, 'throw new RangeError')}`;
  const places: Record<string, string> = {
    run: 'return run(api.load',
    gather: 'return gather(',
    task: 'return createTask(',
    sync: 'return sync(',
    iterate: 'return [...iterate(',
  };
  for (const [way, place] of Object.entries(places)) {
    const frames = framesOf(stacks[way]!);
    const between = frames.indexOf('---');
    equal(frames[0], thrown, stacks[way]);
    ok(between > 0, stacks[way]);
    equal(frames[between + 1], `main.ts:${lineOf(main, place)}`, stacks[way]);
    equal(frames.filter((frame) => /api\.js|main\.js/.test(frame)).length, 0, stacks[way]);
    equal(frames.filter((frame) => /palitra|dist/.test(frame)).length, 0, stacks[way]);
  }
  ok(framesOf(stacks['iterate']!).includes(`api.ts:${lineOf(api, 'await load(options')}`));
  match(stacks['run']!, /^RangeError: 1 lost\n/);
  const callback = framesOf(stacks['callback']!);
  equal(callback[0], `main.ts:${lineOf(main, 'fromCallback()')}`, stacks['callback']);
  ok(callback.includes(`main.ts:${lineOf(main, 'run(api.pass')}`), stacks['callback']);
});

test('without it, the files that run', async () => {
  const stacks = await stacksWith();
  const files = framesOf(stacks['run']!).map((frame) => frame.replace(/:\d+$/, ''));
  deepEqual(files.filter((file) => /^(api|main)\.|^---/.test(file)).slice(0, 3), [
    'api.js',
    '---',
    'main.js',
  ]);
});
