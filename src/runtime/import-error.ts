import { isBun, isDeno } from './which.ts';
import { replaceOwnUrl } from './own-frames.ts';

/** What Bun 1.4 throws from `import()`: objects of its own, which have everything from their class. */
interface BunMessage {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
}

/**
 * The error of a failed import. Who imported it is, in the platform's words, a `data:` URL as long as all of
 * palitra's code there: it names the file that asked for the module instead, if that is known. Bun's own kinds of errors become what Node throws in
 * their place, so that they can cross; where in the user's file it was is their first frame.
 */
export function importError(thrown: unknown, importer = ''): unknown {
  const asker = importer === '' ? "palitra's loop thread" : importer;
  if (!(thrown instanceof Error)) return thrown;
  if (isBun && (thrown.name === 'ResolveMessage' || thrown.name === 'BuildMessage')) {
    return plainError(thrown, asker);
  }
  if (thrown.message.includes('data:text/javascript,')) {
    reword(thrown, (text) => replaceOwnUrl(text, asker));
  }
  const { message } = thrown;
  if (namesNoImporter(thrown)) {
    const named = `${message.replace(/(?:#attempt-\d+)?"\.$/, '"')} imported from ${asker}`;
    reword(thrown, (text) => text.replace(message, () => named));
  }
  const extension = refusedTypeScript(thrown);
  if (extension !== undefined) {
    reword(thrown, (text) => text.replace(message, () => `${message}. ${adviceOn(extension)}`));
  }
  return thrown;
}

/** The error of a failed `import.meta.resolve()`: that of Deno 2.9 has its code in the message, if at all. */
export function resolveError(thrown: unknown): unknown {
  if (!isDeno || !(thrown instanceof Error) || 'code' in thrown) return thrown;
  const code = /^\[(ERR_\w+)\]/.exec(thrown.message)?.[1] ?? 'ERR_MODULE_NOT_FOUND';
  return Object.assign(thrown, { code });
}

/** Node says of a builtin that is missing only that it is, and so does Deno 2.9 of every module. */
function namesNoImporter({ message, code }: NodeJS.ErrnoException): boolean {
  return (
    code === 'ERR_UNKNOWN_BUILTIN_MODULE' ||
    (isDeno && /^(?:Module not found "[^"]*"\.$|No such built-in module: )/.test(message))
  );
}

/** The stack begins with the message as it was. */
function reword(error: Error, change: (text: string) => string): void {
  const { message, stack } = error;
  error.message = change(message);
  if (typeof stack === 'string') error.stack = change(stack);
}

/**
 * Node imports a file of TypeScript only if something strips or compiles it. Its message ends with the
 * file, unless this error was thrown before: Node remembers that of a module further down.
 */
function refusedTypeScript({ message, code }: NodeJS.ErrnoException): string | undefined {
  if (code !== 'ERR_UNKNOWN_FILE_EXTENSION') return undefined;
  return /"(\.[cm]?tsx?)" for .*\1$/.exec(message)?.[1];
}

function adviceOn(extension: string): string {
  const { node } = process.versions;
  const canBeNewer = extension !== '.tsx' && Number.parseInt(node, 10) < 24;
  return (
    `Node ${node} cannot import ${extension} files as it was started: start it with --import tsx, ` +
    `${canBeNewer ? 'use Node 22.18 or later, ' : ''}or compile the module and name the .js file.`
  );
}

function plainError({ name, message, code, position }: BunMessage, asker: string): Error {
  const replaced = replaceOwnUrl(message, asker);
  const text =
    code === 'ERR_UNKNOWN_BUILTIN_MODULE' ? `${replaced} imported from ${asker}` : replaced;
  const error = name === 'BuildMessage' ? new SyntaxError(text) : new Error(text);
  if (code !== undefined) Object.assign(error, { code });
  if (position !== null && position !== undefined) {
    const { file, line, column } = position;
    error.stack = `${error.name}: ${text}\n    at ${file}:${line}:${column}`;
  }
  return error;
}
