import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { resolveModule } from '../caller/resolve.ts';
import type { ServeOptions } from './serve-options.ts';

export const help = `palitra serve: executes the coroutines of a BullMQ queue in this process.

  npx palitra serve --queue palitra --module tasks=./tasks.js --redis redis://localhost:6379

  --queue <name>            the name of the queue
  --module <name>=<module>  a module whose exported functions may be called, by the name under which runners
                            know it: a path, or a package that can be imported from here. May be repeated.
  --redis <url>             where Redis is; the environment's REDIS_URL, or redis://localhost:6379
  --prefix <text>           what the keys of the queue begin with (bull)
  --concurrency <n>         how many coroutines run at the same time (1)
  --drain <ms>              how long coroutines may go on when the process is asked to end (20000)
  --health <ms>             how often a line says how it goes (60000)
  --connect-timeout <ms>    how long to wait for a first connection to Redis (10000)
  --size-limit <bytes>      how large a result may be (1048576)
  --worker <option>=<value> an option of BullMQ's Worker, such as lockDuration=60000. May be repeated.
  -h, --help                this text
  -v, --version             the version

On SIGTERM and SIGINT it takes no more jobs, lets those that run come to their end, hands back what takes
too long, and ends with code 0. Its lines go to stderr.
`;

/** The command was not written as it should be. */
export class UsageError extends Error {}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly options: ServeOptions };

/**
 * What a command line asks for.
 *
 * @throws {UsageError} that says what is wrong with it.
 */
export function readCommand(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const [command, ...rest] = positionals;
  if (command === undefined) return { kind: 'help' };
  if (command !== 'serve') throw new UsageError(`There is no command ${command}; there is serve.`);
  if (rest.length > 0) throw new UsageError(`${rest[0]} is no option: they begin with --.`);
  if (values.queue === undefined)
    throw new UsageError('--queue is missing, such as --queue palitra.');
  if (values.module === undefined) {
    throw new UsageError('--module is missing, such as --module tasks=./tasks.js.');
  }
  const modules = values.module.map((pair) => {
    const [name, specifier] = split(pair, 'module');
    return [name, locate(specifier, cwd)] as const;
  });
  return {
    kind: 'serve',
    options: {
      queue: values.queue,
      modules: Object.fromEntries(modules),
      connection: values.redis ?? env['REDIS_URL'] ?? 'redis://localhost:6379',
      ...(values.prefix === undefined ? {} : { prefix: values.prefix }),
      ...(values.worker === undefined ? {} : { worker: readWorkerOptions(values.worker) }),
      ...readNumber('concurrency', 'concurrency', values.concurrency),
      ...readNumber('drain', 'drain', values.drain),
      ...readNumber('healthInterval', 'health', values.health),
      ...readNumber('connectTimeout', 'connect-timeout', values['connect-timeout']),
      ...readNumber('sizeLimit', 'size-limit', values['size-limit']),
    },
  };
}

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;

// oxlint-disable-next-line typescript/explicit-function-return-type -- it follows from the options
function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        queue: text,
        module: list,
        redis: text,
        prefix: text,
        concurrency: text,
        drain: text,
        health: text,
        'connect-timeout': text,
        'size-limit': text,
        worker: list,
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function split(pair: string, option: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at > 0 && at < pair.length - 1) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new UsageError(`--${option} is written as name=value, not ${JSON.stringify(pair)}.`);
}

/** A file, if there is one of that name; otherwise what an `import` in this folder would find. */
function locate(specifier: string, cwd: string): string {
  if (existsSync(resolve(cwd, specifier))) return resolve(cwd, specifier);
  if (isAbsolute(specifier) || /^\.{1,2}\//.test(specifier)) {
    throw new UsageError(`There is no file ${specifier} in ${cwd}.`);
  }
  try {
    return resolveModule(specifier, pathToFileURL(join(cwd, 'palitra-serve.js')));
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function readNumber<K extends string>(
  key: K,
  option: string,
  value: string | undefined,
): { [P in K]?: number } {
  if (value === undefined) return {};
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number)) {
    throw new UsageError(`--${option} is a number, not ${JSON.stringify(value)}.`);
  }
  return { [key]: number } as { [P in K]?: number };
}

/** Numbers and other JSON as such, anything else as text. */
function readWorkerOptions(pairs: readonly string[]): NonNullable<ServeOptions['worker']> {
  const options: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [name, value] = split(pair, 'worker');
    try {
      options[name] = JSON.parse(value) as unknown;
    } catch {
      options[name] = value;
    }
  }
  return options;
}
