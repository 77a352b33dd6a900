import { test } from 'node:test';
import { deepEqual, equal, throws } from 'node:assert/strict';
import { exampleBlocks, markdownBlocks } from './blocks.ts';
import { brokenPromise, promisedOutput } from './output.ts';
import { programsOf } from './programs.ts';

const fence = '```';
const page = [
  'Text',
  `${fence}js`,
  '// app.mjs',
  "import { coroutines } from 'palitra';",
  "coroutines('./api.mjs', import.meta);",
  fence,
  '- in a list',
  `  ${fence}js`,
  '  // api.mjs',
  '  export const a = 1;',
  `  ${fence}`,
  `${fence}js`,
  'api.load(1)',
  fence,
  '<!-- not run: it needs a server -->',
  `${fence}ts`,
  "import 'palitra'; from 'palitra'",
  fence,
].join('\n');

test('the blocks of a page have their language, their line and their text without the indent', () => {
  const blocks = markdownBlocks(page);
  deepEqual(
    blocks.map(({ language, line, notRun }) => [language, line, notRun]),
    [
      ['js', 3, undefined],
      ['js', 9, undefined],
      ['js', 13, undefined],
      ['ts', 17, 'it needs a server'],
    ],
  );
  equal(blocks[1]!.code, '// api.mjs\nexport const a = 1;\n');
});

test('a fence that is never closed is an error', () => {
  throws(() => markdownBlocks(`${fence}js\nrun(`), /fence of line 1 is never closed/);
});

test('a file that another block names is no program, nor is a fragment, nor what has a reason', () => {
  const programs = programsOf(markdownBlocks(page));
  deepEqual(
    programs.map(({ main, line, files }) => [main, line, Object.keys(files).sort()]),
    [['app.mjs', 3, ['api.mjs', 'app.mjs', 'block-17.ts']]],
  );
});

test('a later file of the same name takes the place of the earlier one, for what comes after it', () => {
  const blocks = markdownBlocks(
    [
      `${fence}js`,
      '// a.mjs',
      "import './x.mjs';",
      fence,
      `${fence}js`,
      '// x.mjs',
      'first',
      fence,
      `${fence}js`,
      '// x.mjs',
      'second',
      fence,
      `${fence}js`,
      '// b.mjs',
      "import './x.mjs';",
      fence,
    ].join('\n'),
  );
  const seen = programsOf(blocks).map(({ main, files }) => [main, files['x.mjs']]);
  deepEqual(seen, [
    ['a.mjs', '// x.mjs\nfirst\n'],
    ['b.mjs', '// x.mjs\nsecond\n'],
  ]);
});

test('the examples of doc comments have the lines of their source file', () => {
  const source = `const a = 1;\n/**\n * Text.\n *\n * ${fence}js\n * run();\n *   inner();\n * ${fence}\n */\nconst b = '${fence}';\n`;
  deepEqual(exampleBlocks(source), [
    { language: 'js', code: 'run();\n  inner();\n', line: 6, notRun: undefined },
  ]);
});

test('what is printed stands behind console.log, after one space', () => {
  const code = [
    "console.log('a'); // a",
    'console.log(b); //    a remark',
    'for (const n of [1, 2]) console.log(n); // 1, 2',
    'on((n) => {',
    '  console.log(n); // 3',
    '});',
    'console.log(',
    '  many(),',
    '); // 4',
    'other(); // no output',
  ].join('\n');
  deepEqual(promisedOutput(code), ['a', '1, 2', '3', '4']);
});

test('a promise is kept by a line, by several, or with an explanation; in order', () => {
  equal(
    brokenPromise(['1, 2', 'true: it is so', '4, after a while'], '1\n2\ntrue\n4\n'),
    undefined,
  );
  equal(brokenPromise(['2', '1'], '1\n2\n'), '1');
  equal(brokenPromise(['true 42'], 'true\n'), 'true 42');
  equal(brokenPromise(['1'], ''), '1');
  equal(brokenPromise(['1, 2, 3'], '1\n2\n3\n'), undefined);
});
