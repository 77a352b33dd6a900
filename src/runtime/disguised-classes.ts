import { isDeno } from './which.ts';

/**
 * Do classes of the platform look like those that users write? Deno 2.9 wrote its own in JavaScript, and they
 * have none of Node's symbols: only a copy shows what a KeyObject is, or an instance of a subclass of Blob.
 */
export const arePlatformClassesDisguised = isDeno;
