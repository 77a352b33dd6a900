import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);

/** The README and everything under `docs/` that is written by hand. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/(?:^|\/)node_modules\/|^api\//.test(file))
    .map((file) => `docs/${file}`)
    .sort(),
];

export function readPage(page: string): string {
  return readFileSync(new URL(page, root), 'utf8');
}
