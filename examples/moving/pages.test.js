import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { readPage } from './page.js';
import { inFolder, run } from './program.js';
import { findPython } from './python.js';

const ceiling = { timeout: 180_000 };
const folder = new URL('../../docs/moving/', import.meta.url);
const rivals = readdirSync(folder)
  .map((file) => /^from-(.+)\.md$/.exec(file)?.[1])
  .filter((rival) => rival !== undefined);

/** What has to be importable for the Python programs to run. */
const pythonModules = { anyio: 'anyio', asgiref: 'asgiref', 'python-palitra': 'palitra' };

/** A service for the pages that need one; it has to answer while their programs are blocked. */
const service = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ id: Number(request.url.slice(1)), text: `comment ${request.url.slice(1)}` }),
  );
});
const env = {};
before(async () => {
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  env.SERVICE = `http://127.0.0.1:${service.address().port}`;
});
after(() => {
  service.close();
  service.closeAllConnections();
});

test('there is a page for each of the nine', () => {
  assert.deepEqual(rivals.sort(), [
    ...['anyio', 'asgiref', 'deasync', 'make-synchronized', 'make-synchronous'],
    ...['python-palitra', 'sync-fetch', 'sync-rpc', 'synckit'],
  ]);
});

for (const rival of rivals) {
  const page = readPage(new URL(`from-${rival}.md`, folder));

  if (rival in pythonModules) {
    test(`${rival}: before, in Python`, ceiling, (context) => provePython(context, rival, page));
  } else {
    test(`${rival}: before`, ceiling, () => proveNode(page.before, page.output));
  }
  test(`${rival}: after, with palitra`, ceiling, () => proveNode(page.after, page.output));
}

async function proveNode(files, output) {
  const main = Object.keys(files).find((name) => name.startsWith('main.'));
  const { code, stdout, stderr } = await inFolder(files, (cwd) =>
    run(process.execPath, [main], { cwd, env }),
  );
  assert.equal(stdout, output, stderr);
  assert.equal(code, 0, stderr);
}

async function provePython(context, rival, { before: files, output }) {
  const module = pythonModules[rival];
  const { interpreter, compiler } = await findPython(module);
  if (compiler === undefined)
    return skip(context, `there is no python3: ${rival}'s program was not even compiled`);
  await inFolder(files, async (cwd) => {
    for (const name of Object.keys(files)) {
      const { code, stderr } = await run(compiler, ['-m', 'py_compile', name], { cwd });
      assert.equal(code, 0, stderr);
    }
    if (interpreter === undefined)
      return skip(
        context,
        `no Python here can import ${module}: ${rival}'s program was compiled, and not run`,
      );
    const { code, stdout, stderr } = await run(interpreter, ['main.py'], { cwd, env });
    assert.equal(stdout, output, stderr);
    assert.equal(code, 0, stderr);
  });
}

function skip(context, reason) {
  console.error(`\n!!! ${reason} !!!\n`);
  context.skip(reason);
}
