import { isDeno } from './which.ts';

/**
 * By what the platform marks objects that its structured clone knows, where it wrote their classes in JavaScript
 * and they look like those that users write: Deno 2.9. A KeyObject has it from its class, a MessagePort by itself.
 */
export const hostObjectBrand: symbol | undefined = isDeno
  ? Object.getOwnPropertySymbols(Blob.prototype).find(
      ({ description }) => description === 'Deno.core.hostObject',
    )
  : undefined;
