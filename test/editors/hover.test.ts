import { after, test } from 'node:test';
import { deepEqual, match, ok } from 'node:assert/strict';
import { createProject } from '../support/project.ts';
import { Editor, exportsOf } from './service.ts';

const entries = ['palitra', 'palitra/loop', 'palitra/fetch', 'palitra/bullmq'];
const names = exportsOf(entries);

const project = await createProject(
  {
    'comments.ts': `
/** Fetches a comment by its number. */
export async function fetchComment(id: number): Promise<string> {
  return String(id);
}
`,
    'app.ts': `
import { coroutines } from 'palitra';
const api = coroutines<typeof import('./comments.js')>('./comments.js', import.meta);
api.fetchComment(1);
`,
    ...Object.fromEntries(
      entries.map((entry) => [
        `${entry}.ts`,
        names[entry]!.map((name) => `import { type ${name} } from '${entry}';\n`).join(''),
      ]),
    ),
  },
  'editor-',
);
after(() => project.remove());
const editor = new Editor(project, ['app.ts', ...entries.map((entry) => `${entry}.ts`)]);

for (const entry of entries) {
  test(`hovering any export of ${entry} shows a text and an example`, () => {
    ok(names[entry]!.length >= 3, names[entry]!.join(' '));
    const bare = names[entry]!.filter((name) => {
      const { text, examples } = editor.hover(`${entry}.ts`, `{ type ${name}`);
      return text.length < 40 || !examples.some((example) => example.includes('```'));
    });
    deepEqual(bare, []);
  });
}

test('hovering a function of one’s own module shows its own text, and that it makes a coroutine', () => {
  const { text, signature } = editor.hover('app.ts', 'api.fetchComment');
  match(text, /Fetches a comment by its number/);
  match(signature, /Coroutine<string>/);
});
