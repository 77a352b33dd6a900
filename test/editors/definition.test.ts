import { after, test } from 'node:test';
import { deepEqual, equal, match } from 'node:assert/strict';
import { createProject } from '../support/project.ts';
import { Editor } from './service.ts';

const project = await createProject(
  {
    'comments.ts': `
export async function fetchComment(id: number): Promise<{ id: number }> {
  return { id };
}
export const users = {
  async find(id: number): Promise<string> {
    return String(id);
  },
};
export class Session {
  async get(key: string): Promise<string> {
    return key;
  }
}
export default async function main(): Promise<void> {}
`,
    'app.ts': `
import { coroutines, run, sync, type Handle } from 'palitra';
import { remoteCoroutines } from 'palitra/bullmq';
import type { Session } from './comments.js';

const api = coroutines<typeof import('./comments.js')>('./comments.js', import.meta);
const blocking = sync(api);
const remote = remoteCoroutines<typeof import('./comments.js')>('comments');
declare const session: Handle<Session>;

run(api.fetchComment(1));
blocking.fetchComment(1);
remote.fetchComment(1);
run(api.users.find(1));
run(api.default());
run(new api.Session());
run(session.get('key'));
`,
  },
  'editor-',
);
after(() => project.remove());
const editor = new Editor(project, ['app.ts']);

test('the program that the editor is asked about has no errors', () => {
  deepEqual(editor.errors('app.ts'), []);
});

for (const [text, code] of [
  ['api.fetchComment', /^export async function fetchComment\(/],
  ['blocking.fetchComment', /^export async function fetchComment\(/],
  ['remote.fetchComment', /^export async function fetchComment\(/],
  ['api.users.find', /^async find\(/],
  ['api.default', /^export default async function main\(/],
  ['new api.Session', /^export class Session /],
  ['session.get', /^async get\(/],
] as const) {
  test(`go to definition from ${text} lands in the user's module`, () => {
    const found = editor.definitions('app.ts', text);
    // Of a class the editor also offers the type that says how it is constructed.
    equal(found.length, text.startsWith('new ') ? 2 : 1, JSON.stringify(found));
    equal(found[0]!.file, project.path('comments.ts'));
    match(found[0]!.code, code);
  });
}

test('behind the dot are the functions of the module, and nothing else', () => {
  deepEqual(editor.completions('app.ts', 'run(api.').sort(), [
    'Session',
    'default',
    'fetchComment',
    'users',
  ]);
});
