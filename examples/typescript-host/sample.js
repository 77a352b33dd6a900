// Runs on the loop thread: a bare repository with two commits. The second one has a mistake in it.

import fs from 'node:fs';
import git from 'isomorphic-git';

const prices = `
export interface Price { readonly amount: number; readonly currency: 'EUR' | 'USD' }
export const prices: Record<string, Price> = { tea: { amount: 5, currency: 'EUR' } };
`;
const cart = `
import { prices } from './prices.js';
export function total(names: string[]): number {
  let sum = 0;
  for (const name of names) sum += prices[name]!.amount;
  return sum;
}
`;
const changed = prices.replace('amount: number', 'amount: string').replace('5', "'5'");

export async function makeRepository(gitdir) {
  await git.init({ fs, gitdir, bare: true, defaultBranch: 'main' });
  await commit(gitdir, 'First prices', { 'prices.ts': prices, 'cart.ts': cart });
  await git.tag({ fs, gitdir, ref: 'v1' });
  await commit(gitdir, 'Prices are texts now', { 'prices.ts': changed, 'cart.ts': cart });
}

/** A commit of these files, in the folder `src`, without a work tree. */
export async function commit(gitdir, message, files) {
  const src = [];
  for (const [path, text] of Object.entries(files)) {
    const oid = await git.writeBlob({ fs, gitdir, blob: Buffer.from(text) });
    src.push({ mode: '100644', path, oid, type: 'blob' });
  }
  const oid = await git.writeTree({ fs, gitdir, tree: src });
  const root = [{ mode: '040000', path: 'src', oid, type: 'tree' }];
  const tree = await git.writeTree({ fs, gitdir, tree: root });
  const author = { name: 'Ada', email: 'ada@example.org', timestamp: 0, timezoneOffset: 0 };
  return git.commit({ fs, gitdir, message, tree, author });
}
