import nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { importConditions } from './resolve-package.ts';

/** What Yarn's Plug'n'Play adds to `node:module`, of which this is used. */
interface PnpModule {
  findPnpApi?(file: string): PnpApi | null;
}

interface PnpApi {
  resolveRequest(
    specifier: string,
    issuer: string,
    options: { conditions: Set<string> },
  ): string | null;
}

/**
 * The URL of what `import specifier` finds in a file of a Plug'n'Play project, where there are no
 * `node_modules` to look into; undefined everywhere else.
 */
export function resolvePnp(specifier: string, file: string): string | undefined {
  const api = (nodeModule as PnpModule).findPnpApi?.(file);
  const found = api?.resolveRequest(specifier, file, { conditions: importConditions() });
  return found === undefined || found === null ? undefined : pathToFileURL(found).href;
}
