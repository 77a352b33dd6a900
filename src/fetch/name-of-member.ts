import { UncloneableError } from '../errors.ts';

/** As a request crosses, `dispatcher` is `arguments[0].init.dispatcher.value`, and the body likewise. */
const CROSSING = /^arguments\[0\]\.(?:body\.value|init\.(\w+))\.value/;

/** Names what cannot cross as who called `fetchSync()` knows it. Other errors are returned as they are. */
export function inTermsOfInit(error: unknown): unknown {
  if (!(error instanceof UncloneableError)) return error;
  const [inside, member = 'body'] = CROSSING.exec(error.path) ?? [];
  if (inside === undefined) return error;
  const outside = `init.${member}`;
  return new UncloneableError(error.message.replace(inside, outside), {
    ...('cause' in error ? { cause: error.cause } : {}),
    path: error.path.replace(inside, outside),
  });
}
