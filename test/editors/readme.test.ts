import { after, test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createProject } from '../support/project.ts';
import { Editor } from './service.ts';

const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
const [, first] = /^```js\n(\/\/ main\.mjs\n[^]*?)^```$/m.exec(readme)!;

const project = await createProject({ 'main.mts': first! }, 'editor-');
after(() => project.remove());
const editor = new Editor(project, ['main.mts']);

test("README's first example compiles as it is, in strict TypeScript", () => {
  deepEqual(editor.errors('main.mts'), []);
});

test('and what it calls has its types', () => {
  equal(editor.hover('main.mts', 'const names').signature, 'const names: string[]');
});
