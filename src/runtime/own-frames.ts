import { isBun, isDeno } from './which.ts';

/** The URL that holds the code itself, or what is left of it: Deno shows 20 characters of each end. */
const OWN_URL = /\/?data:text\/javascript,\S*?litra(?:\/|%2F)(?:worker|fetch)\.js%0A/g;

/** Replaces the URL that palitra's code on the loop thread was loaded from, which is as long as that code. */
export function replaceOwnUrl(text: string, name: string): string {
  return text.replace(OWN_URL, name);
}

/**
 * Gives the frames of that code the name they have in Node: Bun 1.4 and Deno 2.9 do not heed
 * `//# sourceURL`. In Bun each of these frames takes 100 KiB otherwise.
 */
export function shortenOwnFrames(stack: string): string {
  return isBun || isDeno ? replaceOwnUrl(stack, 'palitra/worker.js') : stack;
}
