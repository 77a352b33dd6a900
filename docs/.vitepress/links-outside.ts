import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MarkdownRenderer } from 'vitepress';

const root = fileURLToPath(new URL('../../', import.meta.url));
const docs = join(root, 'docs');

/**
 * Links to files of the repository that are no pages, such as a README of an example. They work in the
 * repository; on the site they lead to where package.json says the repository is, or are plain text as long
 * as it does not say. A file that is not there fails the build.
 */
export function linksOutside(md: MarkdownRenderer): void {
  const repository = repositoryUrl();
  md.core.ruler.push('links-outside', (state) => {
    const page = (state.env as { readonly path: string }).path;
    for (const { children } of state.tokens) {
      if (children === null) continue;
      for (const [index, token] of children.entries()) {
        if (token.type !== 'link_open') continue;
        const [path, anchor] = String(token.attrGet('href')).split('#');
        if (path === undefined || path === '' || /^(?:[a-z]+:|\/)/.test(path)) continue;
        const target = join(dirname(page), decodeURI(path));
        const isPage = !relative(docs, target).startsWith('..') && target.endsWith('.md');
        if (isPage) continue;
        if (!existsSync(target)) throw new Error(`${page} links to ${path}, which is not there.`);
        const place = `${relative(root, target)}${anchor === undefined ? '' : `#${anchor}`}`;
        if (repository !== undefined) token.attrSet('href', `${repository}/blob/main/${place}`);
        else unlink(children, index);
      }
    }
  });
}

function unlink(
  tokens: { type: string; tag: string; hidden: boolean; content: string }[],
  at: number,
): void {
  const end = tokens.findIndex(({ type }, index) => index > at && type === 'link_close');
  for (const index of [at, end])
    Object.assign(tokens[index]!, { type: 'text', tag: '', content: '' });
}

function repositoryUrl(): string | undefined {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly repository?: string | { readonly url: string };
  };
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url?.replace(/^git\+/, '').replace(/\.git$/, '');
}
