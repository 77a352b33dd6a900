import { after, before, test } from 'node:test';
import { equal, notEqual, ok, throws } from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { coroutines, run } from 'palitra';
import { checkLeaks } from '../support/leaks.ts';
import { createProject, type Project } from '../support/project.ts';

checkLeaks({ per: 'file' });

/** Every module of the project can tell where it is. */
const where = 'export const where = async () => import.meta.url;\n';
interface Located {
  where(): Promise<string>;
}
interface Origin {
  readonly meta: ImportMeta;
}

let project: Project;
let linked: Project;
let meta: ImportMeta;

before(async () => {
  linked = await createProject({
    'package.json': { name: 'linked', type: 'module', exports: './main.js' },
    'main.js': where,
  });
  // A folder name with everything that a URL writes differently.
  project = await createProject(
    {
      'package.json': {
        name: 'the-project',
        type: 'module',
        exports: { '.': './lib/main.js', './tools/*': './lib/tools/*.js', './hidden/*': null },
        imports: {
          '#config': './lib/config.js',
          '#tools/*': './lib/tools/*.js',
          '#platform': {
            browser: './lib/browser.js',
            node: './lib/node.js',
            default: './lib/other.js',
          },
          '#dep': 'plain',
          '#builtin': 'os',
        },
      },
      'src/app.js': 'export const meta = import.meta;\n',
      'src/api ü#%.js': where,
      'lib/main.js': where,
      'lib/config.js': where,
      'lib/node.js': where,
      'lib/browser.js': where,
      'lib/other.js': where,
      'lib/tools/hammer.js': where,

      'node_modules/dual/package.json': {
        name: 'dual',
        exports: {
          '.': { types: './index.d.ts', import: './index.mjs', require: './index.cjs' },
          './features/*.js': './features/*.mjs',
          './features/private/*': null,
          './features/*': './features/*.mjs',
          './deep': { browser: './no.mjs', node: { require: './no.cjs', import: './deep.mjs' } },
          './list': [{ 'no-such-condition': './no.mjs' }, './deep.mjs'],
          './package.json': './package.json',
        },
      },
      'node_modules/dual/index.mjs': where,
      'node_modules/dual/index.cjs': 'exports.where = async () => "the CommonJS build";',
      'node_modules/dual/deep.mjs': where,
      'node_modules/dual/features/one.mjs': where,
      'node_modules/dual/features/nested/two.mjs': where,
      'node_modules/dual/features/private/three.mjs': where,

      'node_modules/plain/package.json': { name: 'plain', type: 'module', main: './lib/start.js' },
      'node_modules/plain/lib/start.js': where,
      'node_modules/plain/lib/other.js': where,

      'node_modules/no-main/package.json': { name: 'no-main', version: '1.0.0' },
      'node_modules/no-main/index.js':
        "const { pathToFileURL } = require('node:url');\nexports.where = async () => pathToFileURL(__filename).href;\n",

      'node_modules/@scope/pkg/package.json': {
        name: '@scope/pkg',
        type: 'module',
        exports: { './sub': './sub.js', '.': './main.js' },
      },
      'node_modules/@scope/pkg/main.js': where,
      'node_modules/@scope/pkg/sub.js': where,

      'node_modules/sugar/package.json': { name: 'sugar', type: 'module', exports: './only.js' },
      'node_modules/sugar/only.js': where,

      'node_modules/conditional/package.json': {
        name: 'conditional',
        type: 'module',
        exports: { import: './esm.js', default: './other.js' },
      },
      'node_modules/conditional/esm.js': where,
      'node_modules/conditional/other.js': where,

      'node_modules/commonjs/package.json': { name: 'commonjs', main: 'main.js' },
      'node_modules/commonjs/main.js':
        'exports.named = async (n) => n + 1;\n' +
        'for (const key of ["hid", "den"]) exports[key + "Name"] = async () => key;\n' +
        'exports.nested = { fn: async () => "nested" };\n',
      'node_modules/function/package.json': { name: 'function' },
      'node_modules/function/index.js':
        'module.exports = function (a, b) { return a + b; };\nmodule.exports.later = async (n) => n;\n',
    },
    'project ü#% ',
  );
  await symlink(linked.folder, project.path('node_modules/linked'), 'dir');
  ({ meta } = (await import(project.url('src/app.js').href)) as Origin);
});

after(async () => {
  await project.remove();
  await linked.remove();
});

const origins = {
  'import.meta': () => meta,
  'the URL of the file': () => project.url('src/app.js'),
  'the URL of the file as a string': () => project.url('src/app.js').href,
  __filename: () => project.path('src/app.js'),
} satisfies Record<string, () => ImportMeta | URL | string>;

const found = {
  'a relative path with a space, an umlaut, # and %': './api ü%23%25.js',
  'a relative path up the tree': '../lib/main.js',
  'a package whose import and require conditions differ': 'dual',
  'a subpath of a package by pattern': 'dual/features/one',
  'a subpath by a pattern with an ending': 'dual/features/one.js',
  'a subpath by pattern, more folders deep': 'dual/features/nested/two',
  'nested conditions': 'dual/deep',
  'a list of targets': 'dual/list',
  'a package without exports': 'plain',
  'a file of a package without exports': 'plain/lib/other.js',
  'a package without exports and main': 'no-main',
  'a scoped package': '@scope/pkg',
  'a subpath of a scoped package': '@scope/pkg/sub',
  'exports that are one file': 'sugar',
  'conditions at the top of exports': 'conditional',
  'a package that is linked': 'linked',
  'the package itself by its name': 'the-project',
  'a subpath of the package itself': 'the-project/tools/hammer',
  'a subpath import': '#config',
  'a subpath import by pattern': '#tools/hammer',
  'a subpath import by condition': '#platform',
  'a subpath import that names a package': '#dep',
};

for (const [from, origin] of Object.entries(origins)) {
  for (const [title, specifier] of Object.entries(found)) {
    test(`from ${from}, ${title} is what an import there finds`, () => {
      const api = coroutines<Located>(specifier, origin());
      equal(run(api.where()), meta.resolve(specifier));
    });
  }

  test(`from ${from}, a subpath import may name a builtin`, () => {
    const os = coroutines<typeof import('node:os')>('#builtin', origin());
    equal(run(os.platform()), process.platform);
  });

  const NOT_EXPORTED = 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  const refused = {
    'a package that is not installed': ['not-installed', 'ERR_MODULE_NOT_FOUND'],
    'a subpath that the package does not export': ['dual/index.mjs', NOT_EXPORTED],
    'a subpath that the package hides': ['dual/features/private/three', NOT_EXPORTED],
    'a subpath import that is not defined': ['#undefined', 'ERR_PACKAGE_IMPORT_NOT_DEFINED'],
    'a subpath of the package itself that is hidden': ['the-project/hidden/x', NOT_EXPORTED],
  } as const;
  for (const [title, [specifier, code]] of Object.entries(refused)) {
    test(`from ${from}, ${title} is refused at once, with the code of an import`, () => {
      let expected: string | undefined = '';
      try {
        meta.resolve(specifier);
      } catch (error) {
        expected = (error as NodeJS.ErrnoException).code;
      }
      notEqual(expected, '');
      // Deno's own has none.
      throws(() => coroutines<Located>(specifier, origin()), { code: expected ?? code });
    });
  }
}

test('an absolute path with a space, an umlaut, # and % is taken literally', () => {
  const api = coroutines<Located>(project.path('src/api ü#%.js'));
  equal(fileURLToPath(run(api.where())), project.path('src/api ü#%.js'));
});

test('functions of a CommonJS package are found by name, also those that static analysis misses', () => {
  const api = coroutines<
    Record<'named' | 'hidName' | 'denName', (n?: number) => Promise<number | string>>
  >('commonjs', meta);
  equal(run(api.named(1)), 2);
  equal(run(api.hidName()), 'hid');
  equal(run(api.denName()), 'den');
});

test('a namespace of a CommonJS package is followed', () => {
  const api = coroutines<{ nested: { fn(): Promise<string> } }>('commonjs', meta);
  equal(run(api.nested.fn()), 'nested');
});

test('a CommonJS package that is a function is its default export', () => {
  const api = coroutines<{
    default(a: number, b: number): number;
    later(n: number): Promise<number>;
  }>('function', meta);
  equal(run(api.default(1, 2)), 3);
  equal(run(api.later(4)), 4);
});

test('a package and its subpaths share the loop thread and the state of their modules', () => {
  const one = coroutines<Located>('linked', meta);
  const two = coroutines<Located>(linked.url('main.js'));
  equal(run(one.where()), run(two.where()));
  ok(run(one.where()).startsWith('file:'));
});
