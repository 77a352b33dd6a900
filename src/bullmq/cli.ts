#!/usr/bin/env node
/** The command `palitra`. */
import { readFileSync } from 'node:fs';
import { help, readCommand, UsageError, type Command } from './cli-options.ts';
import { logToStderr } from './log.ts';

let command: Command;
try {
  command = readCommand(process.argv.slice(2), { cwd: process.cwd(), env: process.env });
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`palitra: ${error.message}\nSee palitra --help.`);
  process.exit(2);
}

if (command.kind === 'help') console.log(help);
else if (command.kind === 'version') console.log(readVersion());
else await run(command);

async function run({ options }: Extract<Command, { kind: 'serve' }>): Promise<void> {
  // An error that belongs to no coroutine must not end those that run, as on a loop thread.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
      logToStderr(`an error outside any coroutine, the worker goes on: ${text}`);
    });
  }
  try {
    const { serve } = await import('./index.ts');
    await serve(options);
  } catch (error) {
    console.error(`palitra: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
