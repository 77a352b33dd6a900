import { isDeno } from './which.ts';

/**
 * Has a port to be asked beforehand what it would refuse? Those of Deno 2.9 make empty objects of what they
 * cannot carry: of a URL or a Response, which its `structuredClone` refuses, and of a CryptoKey that has come
 * from another thread. And what is to be moved they take away before they refuse something else.
 */
export const arePortsLossy = isDeno;
