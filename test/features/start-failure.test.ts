import { after, before, test } from 'node:test';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { runScript, type Outcome } from '../support/child.ts';
import { isDeno } from '../support/runtime.ts';
import { createProject, type Project } from '../support/project.ts';

let project: Project;

before(async () => {
  project = await createProject({
    'package.json': { type: 'module' },
    'empty.js': 'export {};\n',
    'throws.js': "throw new RangeError('thrown by the worker file');\n",
    'syntax.js': 'this is not JavaScript\n',
    'exits.js': 'process.exit(3);\n',
    'idle.js': 'setInterval(() => undefined, 1_000);\n',
    'busy.js': 'for (;;);\n',
  });
});
after(() => project.remove());

/** Prints what each start came to, and then that a runner with good options works. */
function script(options: string, body: string): string {
  return `
    import { writeFileSync, copyFileSync } from 'node:fs';
    import { fileURLToPath } from 'node:url';
    import { coroutines, EventLoopThreadRunner, LoopStartError } from 'palitra';
    const arithmetic = coroutines('./arithmetic.js', import.meta);
    const project = ${JSON.stringify(`${project.url('').href}/`)};
    const runner = new EventLoopThreadRunner(${options});
    function report(error) {
      console.log(error instanceof LoopStartError, error.code, error.message);
      console.log('cause:', String(error.cause));
    }
    ${body}
    const good = new EventLoopThreadRunner();
    console.log('then', good.run(arithmetic.add(1, 2)));
    good.close();`;
}

const blocked = 'try { runner.run(arithmetic.add(1, 2)); } catch (error) { report(error); }';
const awaited =
  'try { await runner.createTask(arithmetic.add(1, 2)); } catch (error) { report(error); }';

function checkStartError({ code, stdout, stderr, isHung }: Outcome, message: RegExp): void {
  // Deno itself prints what was not caught on a worker.
  const unexpected = isDeno ? stderr.replaceAll(/.*Uncaught \(in worker "db"\)[^]*/g, '') : stderr;
  deepEqual({ code, unexpected, isHung }, { code: 0, unexpected: '', isHung: false }, stdout);
  // The text of a cause may have several lines.
  const told = stdout.replaceAll(/^cause:[^]*?(?=^(?:true|false|then) )/gm, '');
  const lines = told.trim().split('\n');
  equal(lines.pop(), 'then 3');
  for (const line of lines) {
    ok(line.startsWith('true ERR_PALITRA_LOOP_START The loop thread "db" '), line);
    match(line, message);
  }
}

const failures: Record<string, { readonly options: string; readonly message: RegExp }> = {
  'a workerUrl without a file': {
    options: "workerUrl: new URL('missing.js', project)",
    message: /could not be started: workerUrl points to a file that does not exist: .*missing\.js/,
  },
  'a workerUrl that is no URL': {
    options: "workerUrl: './worker.js'",
    message:
      /could not be started: workerUrl is \..\/worker\.js, which is not an absolute URL: write new URL\(/,
  },
  'a workerUrl of a kind that no thread can be started from': {
    options: "workerUrl: 'https://localhost/worker.js'",
    message: /could not be started: .*import\.meta\.resolve\('palitra\/worker'\)/,
  },
  'a workerUrl of something else': {
    options: "workerUrl: new URL('empty.js', project)",
    message: /ended before it had begun\..*empty\.js: is that a copy of palitra\/worker\?/,
  },
  'a workerUrl of a folder': {
    options: 'workerUrl: new URL(project)',
    message: /ended before it had begun\..*is that a copy of palitra\/worker\?/,
  },
  'a workerUrl of palitra itself': {
    options: "workerUrl: import.meta.resolve('palitra')",
    message: /ended before it had begun\..*is that a copy of palitra\/worker\?/,
  },
  'a worker file that throws': {
    options: "workerUrl: new URL('throws.js', project)",
    message: /ended before it had begun\..*throws\.js: is that a copy of palitra\/worker\?/,
  },
  'a worker file with a syntax error': {
    options: "workerUrl: new URL('syntax.js', project)",
    message: /ended before it had begun\..*syntax\.js: is that a copy of palitra\/worker\?/,
  },
  'a worker file that exits': {
    options: "workerUrl: new URL('exits.js', project)",
    message: /ended before it had begun\..*exits\.js: is that a copy of palitra\/worker\?/,
  },
  'an execArgv that does not exist': {
    options: "execArgv: ['--no-such-option']",
    message: /could not be started: .*--no-such-option\. Give the runner an execArgv/,
  },
  'an execArgv that no thread can take': {
    options: "execArgv: ['--max-old-space-size=100']",
    message: /could not be started: .*--max-old-space-size.* Give the runner an execArgv/,
  },
  'an execArgv that preloads what fails': {
    options: "execArgv: ['--import', 'data:text/javascript,throw 7']",
    message: /ended before it had begun\..*execArgv \["--import","data:text\/javascript,throw 7"\]/,
  },
};

for (const [title, { options, message }] of Object.entries(failures)) {
  test(`${title} is a LoopStartError, blocked for or awaited, and no runner is the worse for it`, async () => {
    const all = `{ name: 'db', ${options} }`;
    checkStartError(await runScript(script(all, `${blocked}${awaited}`)), message);
  });
}

test('who awaits the failed start finds the reason as its cause', async () => {
  const { stdout } = await runScript(
    script("{ workerUrl: new URL('throws.js', project) }", awaited),
  );
  match(stdout, /cause: RangeError: thrown by the worker file/);
});

test('a worker file that never begins is a LoopStartError after ten seconds', async () => {
  const outcomes = await Promise.all(
    ['idle.js', 'busy.js'].flatMap((file) =>
      [blocked, awaited].map((body) =>
        runScript(script(`{ name: 'db', workerUrl: new URL('${file}', project) }`, body)),
      ),
    ),
  );
  for (const outcome of outcomes) {
    checkStartError(outcome, /did not begin within 10 s\..*is that a copy of palitra\/worker\?/);
    ok(outcome.ms >= 10_000);
  }
});

test('the timeout of a call holds while the loop thread does not begin', async () => {
  const { code, stdout, isHung } = await runScript(
    script(
      "{ workerUrl: new URL('idle.js', project), shutdownTimeout: 1 }",
      'try { runner.run(arithmetic.add(1, 2), { timeout: 1 }); } catch (error) { report(error); }',
    ),
  );
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  match(stdout, /^false ERR_PALITRA_TIMEOUT[^]*then 3\n$/);
});

test('the same runner works once its workerUrl is there', async () => {
  const { code, stdout } = await runScript(
    script(
      "{ name: 'db', workerUrl: new URL('later.js', project) }",
      `${blocked}
      copyFileSync(fileURLToPath(import.meta.resolve('palitra/worker')), fileURLToPath(new URL('later.js', project)));
      console.log(runner.isAlive, runner.run(arithmetic.add(20, 22)), runner.isAlive);`,
    ),
  );
  equal(code, 0);
  match(stdout, /^true ERR_PALITRA_LOOP_START .*\n.*\nfalse 42 true\nthen 3\n$/);
});

test('palitra/worker is what a workerUrl is for', async () => {
  const { code, stdout, stderr } = await runScript(
    script(
      "{ workerUrl: import.meta.resolve('palitra/worker') }",
      'console.log(runner.run(arithmetic.add(20, 22)));',
    ),
  );
  deepEqual({ code, stdout, stderr }, { code: 0, stdout: '42\nthen 3\n', stderr: '' });
});

test('palitra/worker that is imported says what it is for', async () => {
  const { code, stderr } = await runScript("import 'palitra/worker';");
  equal(code, 1);
  match(stderr, /give its URL to EventLoopThreadRunner as workerUrl, do not import it/);
});

const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const add = `
  import { coroutines, run } from 'palitra';
  const arithmetic = coroutines('./arithmetic.js', import.meta);
  try { console.log(run(arithmetic.add(1, 2))); } catch (error) { console.log(error.code, error.message); }`;

test('without the permission to start threads the first call is a LoopStartError that names the flag', async () => {
  const { code, stdout, isHung } = await runScript(add, {
    nodeArgs: [permission, '--allow-fs-read=*'],
  });
  deepEqual({ code, isHung }, { code: 0, isHung: false });
  match(
    stdout,
    /^ERR_PALITRA_LOOP_START The loop thread "palitra" could not be started: .*--allow-worker as well/,
  );
});

test('with the permission to start threads calls work', async () => {
  const { code, stdout, isHung } = await runScript(add, {
    nodeArgs: [permission, '--allow-fs-read=*', '--allow-worker'],
  });
  deepEqual({ code, stdout, isHung }, { code: 0, stdout: '3\n', isHung: false });
});
