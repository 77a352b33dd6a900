import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { transformFileSync, transformSync } from '@babel/core';
import { compile } from './css-modules.js';
import cssModules from './plugin.js';

const ceiling = { timeout: 60_000 };
const fileHere = (name) => new URL(name, import.meta.url).pathname;
const plugins = [cssModules];
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'css-modules-'));
});
after(() => rm(folder, { recursive: true }));

const transform = (code) => transformSync(code, { filename: join(folder, 'app.js'), plugins });

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], {
    cwd: fileHere('.'),
  });
  const [, shown] = /```text\n([^]*?)```/.exec(await readFile(fileHere('README.md'), 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

test(
  'the class names in the code are those in the CSS, as PostCSS made them',
  ceiling,
  async () => {
    const { code, metadata } = transformFileSync(fileHere('app/button.js'), { plugins });
    const { css, classes } = await compile(fileHere('app/button.module.css'));
    assert.equal(metadata.css, css);
    assert.deepEqual(Object.keys(classes), ['button', 'large']);
    for (const name of Object.values(classes)) {
      assert.ok(code.includes(JSON.stringify(name)), name);
      assert.ok(css.includes(`.${name} {`), name);
    }
  },
);

test('a component may import several', ceiling, async () => {
  await writeFile(join(folder, 'a.module.css'), '.x { top: 1px }');
  await writeFile(join(folder, 'b.module.css'), '.x { top: 2px } .y { composes: x }');
  const source = "import a from './a.module.css'; import b from './b.module.css'; use(a.x, b.y);";
  const { code, metadata } = transform(source);
  const names = new Function('use', code);
  names((ax, by) => {
    assert.match(ax, /^a-module_x_[\w-]+$/);
    assert.match(by, /^b-module_y_[\w-]+ b-module_x_[\w-]+$/);
  });
  assert.match(metadata.css, /top: 1px[^]*top: 2px/);
});

test('other imports stay as they are', () => {
  const source = "import './plain.css';\nimport { x } from './x.js';";
  assert.equal(transform(source).code, source);
});

test('a mistake in the CSS is a failure of the transform, with its place', ceiling, async () => {
  await writeFile(join(folder, 'bad.module.css'), '.a {\n  color: red;\n}}\n');
  assert.throws(() => transform("import bad from './bad.module.css';"), {
    name: 'CssSyntaxError',
    reason: 'Unexpected }',
    file: join(folder, 'bad.module.css'),
    line: 3,
    column: 2,
  });
});

test('a file that is not there is a failure of the transform', async () => {
  await mkdir(join(folder, 'empty'));
  assert.throws(() => transform("import none from './empty/none.module.css';"), {
    code: 'ENOENT',
    message: /app\.js: ENOENT: no such file.*none\.module\.css/,
  });
});

test('names that are not there to import are pointed at in the code', () => {
  assert.throws(
    () => transform("import { button } from './a.module.css';"),
    // Babel colours the code where it thinks that somebody will see it, as in most CI systems.
    ({ message }) =>
      /Import all class names at once[^]*> 1 \| import \{ button \}/.test(
        stripVTControlCharacters(message),
      ),
  );
});
