import { after, test } from 'node:test';
import { deepEqual, equal, match, ok } from 'node:assert/strict';
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
export interface Options { readonly limit: number; readonly by?: { readonly names: string[] } }
export interface Hooks { onRow(row: Options): Promise<boolean> }
export async function list(options: Options, signal: AbortSignal): Promise<Options[]> {
  return signal.aborted ? [] : [options];
}
export async function watch(hooks: Hooks): Promise<void> {
  await hooks.onRow({ limit: 1 });
}
export function find(id: number): Promise<Options>;
export function find(name: string): Promise<string>;
export async function find(key: number | string): Promise<unknown> {
  return key;
}
export class Session {
  async get(key: string): Promise<string> {
    return key;
  }
}
`,
    'app.ts': `
import { coroutines, run, sync, type SyncModule } from 'palitra';
const api = coroutines<typeof import('./comments.js')>('./comments.js', import.meta);
api.fetchComment(1);
api.list({ limit: 1 }, new AbortController().signal);
api.watch({ onRow: () => true });
api.find(1);
api.find('a');
new api.Session();
const blocking = sync(api);
blocking.list({ limit: 1 }, new AbortController().signal);
declare const module: SyncModule<typeof import('./comments.js')>;
module.find(1);
const session = run(new api.Session());
const fs = coroutines('node:fs/promises');
const text = run(fs.readFile('a', 'utf8'));
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

test('the program that is hovered over has no errors', () => {
  deepEqual(editor.errors('app.ts'), []);
});

for (const [text, shown] of [
  ['api.list', '(property) list: (options: Options, signal: AbortSignal) => Coroutine<Options[]>'],
  ['api.watch', '(property) watch: (hooks: WithCallbacks<Hooks>) => Coroutine<void>'],
  ['api.find', '(property) find: (id: number) => Coroutine<Options> (+1 overload)'],
  ['new api.Session', '(property) Session: new () => Coroutine<Handle<Session>>'],
  ['blocking.list', '(property) list: (options: Options, signal: AbortSignal) => Options[]'],
  ['module.find', '(property) find: (id: number) => Options (+1 overload)'],
  ['const session', 'const session: Handle<Session>'],
  ['const text', 'const text: string'],
] as const) {
  test(`hovering ${text} is short, and shows the user's own names`, () => {
    equal(editor.hover('app.ts', text).signature, shown);
  });
}
