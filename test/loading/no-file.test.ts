/** Code that is in no file: on the command line, on standard input, at a prompt, in the text of a worker. */
import { after, before, test } from 'node:test';
import { deepEqual, equal, throws } from 'node:assert/strict';
import { coroutines } from 'palitra';
import { runNode } from '../support/child.ts';
import { createProject, type Project } from '../support/project.ts';
import { isBun, isDeno, isNode } from '../support/runtime.ts';

let project: Project;
before(async () => {
  project = await createProject({
    'own.cjs': `exports.value = async () => 'own';`,
    'node_modules/dual/package.json': {
      name: 'dual',
      exports: { import: './index.mjs', require: './index.cjs' },
    },
    'node_modules/dual/index.mjs': `export const value = async () => 'imported';`,
    'node_modules/dual/index.cjs': `exports.value = async () => 'required';`,
  });
});
after(() => project.remove());

const program = (from: string): string => `
  const { coroutines, run } = require('palitra');
  const values = ['./own.cjs', 'dual'].map((name) => run(coroutines(name, ${from}).value()));
  console.log(values.join(' '));`;
const oneLine = (from: string): string => program(from).replaceAll(/\n\s*/g, ' ');

async function outputOf(args: readonly string[], input?: string): Promise<string> {
  const options = { cwd: project.folder, ...(input === undefined ? {} : { input }) };
  const { stdout, stderr, code, isHung } = await runNode(args, options);
  deepEqual({ code, isHung, stderr }, { code: 0, isHung: false, stderr: '' });
  return stdout;
}

test('on the command line, __filename stands for the current folder', async () => {
  const args = isDeno ? ['eval', '--ext=cjs'] : ['-e'];
  equal(await outputOf([...args, program('__filename')]), 'own imported\n');
});

test(
  'on standard input it does as well',
  { skip: isDeno && 'Deno takes an ES module there' },
  async () => {
    equal(await outputOf(['-'], program('__filename')), 'own imported\n');
  },
);

test('an ES module on the command line gives import.meta, as anywhere', async () => {
  const args = isDeno ? ['eval'] : isBun ? ['-e'] : ['--input-type=module', '-e'];
  const code = `import { coroutines, run } from 'palitra';
    console.log(run(coroutines('./own.cjs', import.meta).value()));`;
  equal(await outputOf([...args, code]), 'own\n');
});

const atPrompt = { skip: isNode ? false : 'it is Node’s prompt' };

test('at the prompt, where there is no __filename, nothing has to be given', atPrompt, async () => {
  const line = `{ ${oneLine('')} }\n{ ${oneLine('module.id')} }\n`;
  const output = await outputOf(['-i'], line);
  equal(output.split('own imported').length, 3, output);
});

test(
  'in the text of a worker, __filename stands for the current folder',
  { skip: isDeno && 'there it is an ES module' },
  async () => {
    const code = `
    const { Worker } = require('node:worker_threads');
    new Worker(${JSON.stringify(program('__filename'))}, { eval: true });`;
    equal(await outputOf(['-e', code]), 'own imported\n');
  },
);

test('the path of a folder stands for a file in it', async () => {
  const args = isDeno ? ['eval', '--ext=cjs'] : ['-e'];
  equal(await outputOf([...args, program('process.cwd()')]), 'own imported\n');
});

test('in a file a specifier alone is still refused, and the error says what to write', async () => {
  const code = `
    const { writeFileSync } = require('node:fs');
    writeFileSync('careless.cjs', "exports.api = () => require('palitra').coroutines('./own.cjs')");
    try {
      require('./careless.cjs').api();
    } catch (error) {
      console.log(error.message);
    }`;
  const args = isDeno ? ['eval', '--ext=cjs'] : ['-e'];
  equal(
    await outputOf([...args, code]),
    "coroutines('./own.cjs') cannot be resolved without knowing where it is written. Write coroutines('./own.cjs', import.meta), or coroutines('./own.cjs', __filename) in CommonJS.\n",
  );
});

test('in a data: URL, which is in no folder, a relative path is refused', () => {
  throws(
    () => coroutines('./own.cjs', 'data:text/javascript,export%20const%20a%20=%201;//and-more'),
    {
      name: 'TypeError',
      message:
        "coroutines('./own.cjs') cannot be resolved in data:text/javascript,export%20const%20a%…, which is in no folder. Give the absolute URL of the module.",
    },
  );
});
