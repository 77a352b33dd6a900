import { after, before, test } from 'node:test';
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { createProject, type Project } from '../support/project.ts';

const palitra = await import('palitra');

const codes = {
  TimeoutError: 'ERR_PALITRA_TIMEOUT',
  CancelledError: 'ERR_PALITRA_CANCELLED',
  RunnerClosedError: 'ERR_PALITRA_CLOSED',
  LoopThreadError: 'ERR_PALITRA_LOOP_DIED',
  LoopStartError: 'ERR_PALITRA_LOOP_START',
  DeadlockError: 'ERR_PALITRA_DEADLOCK',
  NeverSettledError: 'ERR_PALITRA_NEVER_SETTLED',
  UncloneableError: 'ERR_PALITRA_UNCLONEABLE',
  HandleDisposedError: 'ERR_PALITRA_HANDLE_DISPOSED',
  CallbackReleasedError: 'ERR_PALITRA_CALLBACK_RELEASED',
} as const;
type Name = keyof typeof codes;
const names = Object.keys(codes) as Name[];

let project: Project;
let copy: typeof palitra;

before(async () => {
  project = await createProject({ 'package.json': { type: 'module' } });
  const dist = dirname(fileURLToPath(import.meta.resolve('palitra')));
  await cp(dist, project.path('dist'), { recursive: true });
  copy = (await import(project.url('dist/index.js').href)) as typeof palitra;
});
after(() => project.remove());

for (const name of names) {
  test(`${name} is a PalitraError with its code, and no other of its classes`, () => {
    const cause = new Error('cause');
    const error = new palitra[name]('what happened', { cause });
    deepEqual(
      [error.name, error.code, error.message, error.cause],
      [name, codes[name], 'what happened', cause],
    );
    ok(error instanceof Error);
    ok(error instanceof palitra.PalitraError);
    ok(palitra.isPalitraError(error));
    deepEqual(
      names.filter((other) => error instanceof palitra[other]),
      [name],
    );
    equal(String(error), `${name}: what happened`);
  });

  test(`${name} of one copy of the package is one of another copy’s`, () => {
    notEqual(copy[name], palitra[name]);
    const ours = new palitra[name]('ours');
    const theirs = new copy[name]('theirs');
    ok(ours instanceof copy[name] && ours instanceof copy.PalitraError);
    ok(theirs instanceof palitra[name] && theirs instanceof palitra.PalitraError);
    ok(copy.isPalitraError(ours) && palitra.isPalitraError(theirs));
    deepEqual(
      names.filter((other) => theirs instanceof palitra[other]),
      [name],
    );
  });
}

test('printed, an error shows its name once, and its code', () => {
  const text = inspect(new palitra.TimeoutError('too late'));
  equal(text.match(/TimeoutError/g)!.length, 1);
  ok(text.includes("code: 'ERR_PALITRA_TIMEOUT'"));
  deepEqual(Object.keys(new palitra.TimeoutError('too late')), ['code']);
});

test('what the classes have of their own is kept', () => {
  equal(new palitra.LoopThreadError('dead', { exitCode: 3 }).exitCode, 3);
  equal(new palitra.LoopThreadError('dead').exitCode, undefined);
  equal(new palitra.UncloneableError('no', { path: 'result.socket' }).path, 'result.socket');
});

test('a class that a user derives from one of them is told apart from it', () => {
  class OwnTimeout extends palitra.TimeoutError {}
  ok(new OwnTimeout('own') instanceof palitra.TimeoutError);
  ok(new OwnTimeout('own') instanceof OwnTimeout);
  ok(!(new palitra.TimeoutError('plain') instanceof OwnTimeout));
});

for (const value of [
  undefined,
  null,
  0,
  'text',
  {},
  new Error('plain'),
  { code: codes.TimeoutError },
]) {
  test(`${inspect(value, { depth: 0 }).split('\n')[0]} is none of them`, () => {
    equal(palitra.isPalitraError(value), false);
    ok(!((value as unknown) instanceof palitra.PalitraError));
    ok(!((value as unknown) instanceof palitra.TimeoutError));
  });
}
