import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { coroutines, EventLoopThreadRunner } from 'palitra';
import * as sass from 'sass';
import { designFunctions } from './functions.js';

const ceiling = { timeout: 60_000 };
const folder = fileURLToPath(new URL('.', import.meta.url));
const company = new EventLoopThreadRunner({ name: 'company' });
const design = coroutines('./design-service.js', import.meta);
let functions;

before(() => {
  functions = designFunctions(company.start(design.serve()).value);
}, ceiling);
beforeEach(() => void company.run(design.takeRequests()));
after(() => company.close());

const compile = (text) => sass.compileString(text, { functions, style: 'compressed' }).css;
const takeRequests = () => company.run(design.takeRequests());

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], { cwd: folder });
  const [, shown] = /```css\n([^]*?)```/.exec(await readFile(`${folder}README.md`, 'utf8'));
  assert.equal(stdout.trim(), shown.trim());
});

test('a colour from the service is a colour to Sass', ceiling, () => {
  const css = compile("@use 'sass:color'; a { x: color.channel(colour('brand.alert'), 'red') }");
  assert.equal(css, 'a{x:200}');
});

test('several at once are one wait, in their order', ceiling, () => {
  const names = ['brand.main', 'brand.new', 'brand.newer'];
  assert.equal(
    compile(`a { x: colours(${names.map((name) => `'${name}'`)}) }`),
    'a{x:teal,#010203,#010203}',
  );
  // The service holds back the answer to each of the two new ones until it has been asked for both.
  assert.deepEqual(takeRequests().sort(), names);
});

test('what has been asked once is not asked again, in this stylesheet or the next', ceiling, () => {
  compile("a { x: colour('brand.alert') }");
  takeRequests();
  compile("a { x: colour('brand.alert'); y: colour('brand.alert') }");
  assert.deepEqual(takeRequests(), []);
});

test('a colour that is not there is an error at its place in the stylesheet', ceiling, () => {
  assert.throws(() => compile("a {\n  x: colour('brand.gold') }"), {
    sassMessage: 'the design service has no colour "brand.gold"',
    message: /2 │ {3}x: colour\('brand\.gold'\)/,
  });
});

test('a service that does not answer is an error after the limit', ceiling, () => {
  const startMs = performance.now();
  assert.throws(() => compile("a { x: colour('brand.slow') }"), /had not ended after 2000 ms/);
  assert.ok(performance.now() - startMs >= 1_999);
  assert.equal(compile("a { x: colour('brand.main') }"), 'a{x:teal}');
});
