import { after, before, test } from 'node:test';
import { inFolder } from './layout.mjs';
import { Project, tool, useRuntimes } from './project.mjs';

const runtimes = useRuntimes('node20', 'node22', 'node24', 'node26');

// What type stripping cannot do: enums, files that are named as if they were compiled, aliases of tsconfig.json.
const program = `
const api = coroutines<typeof import('./api.js')>('./api.js', origin);
console.log(run(api.greet(0)));
console.log(run(coroutine(async () => (await import('@lib/texts')).texts[1])()));
try {
  run(api.fail());
} catch (error) {
  console.log(/(api\\.ts:\\d+)/.exec((error as Error).stack!)![1]);
}
const late = coroutines<typeof import('./late.js')>('./late.js', origin);
try {
  run(late.value());
} catch (error) {
  console.log((error as Error).message);
}
console.log(run(late.value()));
const runner = new EventLoopThreadRunner();
console.log(runner.run(api.greet(1)));
runner.close();
`;
const printed = ['hello', 'goodbye', 'api.ts:10', 'too early', 'in time', 'goodbye'];

const importing = `import { coroutine, coroutines, EventLoopThreadRunner, run } from 'palitra';`;
const files = {
  'api.ts': `import { texts } from '@lib/texts';
import { isOnLoop } from './where.js';
enum Words { hello, goodbye }
export interface Unused {
  readonly name: string;
}
export const greet = async (word: Words): Promise<string> =>
  isOnLoop() ? texts[word]! : 'on the wrong thread';
export async function fail(): Promise<never> {
  throw new Error(Words[0]);
}`,
  'where.ts': `export { isLoopThread as isOnLoop } from 'palitra/loop';`,
  'lib/texts.ts': `export const texts: readonly string[] = ['hello', 'goodbye'];`,
  'late.ts': `export const value = async (): Promise<string> => 'in time';
const attempts = globalThis as { attempts?: number };
attempts.attempts = (attempts.attempts ?? 0) + 1;
if (attempts.attempts === 1) throw new Error('too early');`,
};
/** The same program in a package of each kind. */
const packageOf = (type, main) =>
  inFolder(type, { ...files, 'main.ts': main, 'package.json': { type } });

let project;
before(async () => {
  project = await Project.create({
    'tsconfig.json': {
      compilerOptions: { paths: { '@lib/*': ['./module/lib/*', './commonjs/lib/*'] } },
    },
    ...packageOf('module', `${importing}\nconst origin = import.meta;\n${program}`),
    ...packageOf('commonjs', `${importing}\nconst origin = __filename;\n${program}`),
  });
  await project.install();
  await project.add('tsx');
});
after(() => project.remove());

for (const { title, binary } of runtimes) {
  test(`${title}: node --import tsx, of an ES module`, () =>
    project.prints(printed, [binary, '--import', 'tsx', 'module/main.ts']));

  test(`${title}: NODE_OPTIONS="--import=tsx", of an ES module`, () =>
    project.prints(printed, [binary, 'module/main.ts'], {
      env: { NODE_OPTIONS: '--import=tsx' },
    }));

  for (const type of ['module', 'commonjs']) {
    test(`${title}: the command tsx, in a package of type ${type}`, () =>
      project.prints(printed, [binary, tool('tsx/cli'), `${type}/main.ts`]));
  }
}
