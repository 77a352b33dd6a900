import { after, test } from 'node:test';
import { deepEqual, equal, match } from 'node:assert/strict';
import { createProject } from '../support/project.ts';
import { Editor } from './service.ts';

const comments = `
export interface Options { readonly limit: number }
export async function fetchComment(id: number): Promise<{ id: number; text: string }> {
  return { id, text: '' };
}
export async function list(options: Options): Promise<string[]> {
  return Array(options.limit).fill('');
}
export async function watch(onProgress: (percent: number) => Promise<boolean>): Promise<void> {
  await onProgress(1);
}
export async function* rows(): AsyncGenerator<string> {}
export class Session {
  async get(): Promise<void> {}
}
export const VERSION = '1';
`;

const head = `
import { coroutines, createTask, iterate, run } from 'palitra';
const api = coroutines<typeof import('./comments.js')>('./comments.js', import.meta);
`;

/** What is wrong, where it is underlined, and the whole message. */
const mistakes: readonly (readonly [code: string, at: string, message: string | RegExp])[] = [
  [
    "run(api.fetchComment('1'));",
    "'1'",
    "Argument of type 'string' is not assignable to parameter of type 'number'.",
  ],
  ['run(api.fetchComment());', 'fetchComment', 'Expected 1 arguments, but got 0.'],
  [
    'run(api.fetchComent(1));',
    'fetchComent',
    'Property \'fetchComent\' does not exist on type \'Coroutines<typeof import("./comments", { with: { "resolution-mode": "import" } })>\'. Did you mean \'fetchComment\'?',
  ],
  [
    'run(api.fetchComment(1)).title;',
    'title',
    "Property 'title' does not exist on type '{ id: number; text: string; }'.",
  ],
  ["run(api.list({ limit: '3' }));", 'limit', "Type 'string' is not assignable to type 'number'."],
  [
    "run(api.watch(() => 'no'));",
    "'no'",
    "Type 'string' is not assignable to type 'boolean | Promise<boolean>'.",
  ],
  [
    'run(api.fetchComment);',
    'api.fetchComment',
    "Argument of type '(id: number) => Coroutine<{ id: number; text: string; }>' is not assignable to parameter of type 'Coroutine<unknown>'.",
  ],
  // What it is no type of comes in an order that TypeScript chooses.
  [
    'run(Promise.resolve(1));',
    'Promise.resolve(1)',
    /^Argument of type 'Promise<number>' is not assignable to parameter of type '.*"run\(\) takes a coroutine, not a promise, which can't settle while this thread is blocked\. Write run\(api\.load\(1\)\) with api = coroutines\('\.\/api\.js', import\.meta\)\."/,
  ],
  [
    'createTask(async () => 1);',
    'async () => 1',
    /"createTask\(\) takes a coroutine, not a function\. Write createTask\(coroutine\(fn\)\(…\)\)\."/,
  ],
  [
    'run(run(new api.Session()));',
    'run(new api.Session())',
    /"run\(\) takes a coroutine, not a handle\. Write run\(session\.load\(1\)\) or run\(get\(session, 'name'\)\)\."/,
  ],
  [
    'run(api.fetchComment(1), { timeoutMs: 5 });',
    'timeoutMs',
    "Object literal may only specify known properties, but 'timeoutMs' does not exist in type 'RunOptions'. Did you mean to write 'timeout'?",
  ],
  [
    'iterate(api.fetchComment(1));',
    'api.fetchComment(1)',
    "Argument of type 'Coroutine<{ id: number; text: string; }>' is not assignable to parameter of type 'Coroutine<StreamSource>'.\n  Type '{ id: number; text: string; }' is not assignable to type 'StreamSource'.",
  ],
  [
    'api.fetchComment(1).text;',
    'text',
    "Property 'text' does not exist on type 'Coroutine<{ id: number; text: string; }>'.",
  ],
];

const project = await createProject(
  {
    'comments.ts': comments,
    ...Object.fromEntries(mistakes.map(([code], index) => [`app-${index}.ts`, head + code])),
  },
  'editor-',
);
after(() => project.remove());
const editor = new Editor(
  project,
  mistakes.map((_, index) => `app-${index}.ts`),
);

for (const [index, [code, at, message]] of mistakes.entries()) {
  test(`the message for ${code} names what is wrong, where it is`, () => {
    const errors = editor.errors(`app-${index}.ts`).map((error) => ({
      at: error.at,
      message: error.message.replaceAll(project.folder, '.'),
    }));
    if (typeof message === 'string') return deepEqual(errors, [{ at, message }]);
    equal(errors.length, 1);
    equal(errors[0]!.at, at);
    match(errors[0]!.message, message);
  });
}
