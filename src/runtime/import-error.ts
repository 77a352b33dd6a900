import { isBun } from './which.ts';
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

/** Who imported it, in the platform's words a `data:` URL as long as all of palitra's code there. */
const IMPORTER = "palitra's loop thread";

/**
 * The error of a failed import, without that URL. Bun's own kinds of errors become what Node throws in
 * their place, so that they can cross; where in the user's file it was is their first frame.
 */
export function importError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  if (isBun && (thrown.name === 'ResolveMessage' || thrown.name === 'BuildMessage')) {
    return plainError(thrown);
  }
  if (!thrown.message.includes('data:text/javascript,')) return thrown;
  thrown.message = replaceOwnUrl(thrown.message, IMPORTER);
  if (typeof thrown.stack === 'string') thrown.stack = replaceOwnUrl(thrown.stack, IMPORTER);
  return thrown;
}

function plainError({ name, message, code, position }: BunMessage): Error {
  const text = replaceOwnUrl(message, IMPORTER);
  const error = name === 'BuildMessage' ? new SyntaxError(text) : new Error(text);
  if (code !== undefined) Object.assign(error, { code });
  if (position !== null && position !== undefined) {
    const { file, line, column } = position;
    error.stack = `${error.name}: ${text}\n    at ${file}:${line}:${column}`;
  }
  return error;
}
