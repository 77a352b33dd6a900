import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

const docs = new URL('../', import.meta.url);

/** In reading order. A page that is not named here comes after those that are, in the order of its name. */
const sections: readonly {
  readonly text: string;
  readonly folder: string;
  readonly first: string[];
}[] = [
  {
    text: 'Start here',
    folder: '',
    first: ['index', 'first-steps', 'what-can-cross', 'errors', 'runtimes', 'insight'],
  },
  {
    text: 'Guides',
    folder: 'guides/',
    first: [
      ...['calls', 'gather', 'tasks', 'streams', 'callbacks', 'handles', 'transfer', 'errors'],
      ...['time', 'context', 'runners', 'exit', 'fetch', 'queue'],
      ...['loading', 'bundlers', 'test-runners'],
    ],
  },
  { text: 'Moving here', folder: 'moving/', first: [] },
  {
    text: 'How it works',
    folder: 'design/',
    first: ['overview', 'wake-protocol', 'values', 'sharing', 'time', 'speed'],
  },
  { text: 'Discoveries', folder: 'discoveries/', first: [] },
];

/** All pages that are there, so that one that was written is found without a list to be kept. */
export function sidebar(): DefaultTheme.SidebarItem[] {
  const written = sections.flatMap(({ text, folder, first }) => {
    const items = pagesOf(folder)
      .sort((a, b) => place(first, a) - place(first, b) || a.localeCompare(b))
      .map((page) => ({ text: titleOf(folder + page), link: linkOf(folder + page) }));
    return items.length === 0 ? [] : [{ text, items, collapsed: folder === 'discoveries/' }];
  });
  return [...written, { text: 'API', collapsed: true, items: apiPages() }];
}

function pagesOf(folder: string): string[] {
  const url = new URL(folder === '' ? './' : folder, docs);
  if (!existsSync(url)) return [];
  return readdirSync(url)
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -'.md'.length));
}

function place(first: readonly string[], page: string): number {
  const index = first.indexOf(page);
  return index === -1 ? first.length : index;
}

function titleOf(page: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(new URL(`${page}.md`, docs), 'utf8'))?.[1];
  if (title === undefined) throw new Error(`docs/${page}.md has no title.`);
  return title.replaceAll('`', '');
}

function linkOf(page: string): string {
  return `/${page.replace(/(^|\/)index$/, '$1')}`;
}

/** As TypeDoc wrote them, a moment ago. */
function apiPages(): DefaultTheme.SidebarItem[] {
  const file = new URL('api/typedoc-sidebar.json', docs);
  return JSON.parse(readFileSync(file, 'utf8')) as DefaultTheme.SidebarItem[];
}
