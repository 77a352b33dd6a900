import { defineConfig } from 'vitepress';
import { linksOutside } from './links-outside.ts';
import { sidebar } from './sidebar.ts';

export default defineConfig({
  title: 'palitra',
  description: 'Call async functions from synchronous JavaScript, and block for the result.',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  cleanUrls: true,
  head: [
    [
      'link',
      { rel: 'icon', type: 'image/svg+xml', href: `${process.env['DOCS_BASE'] ?? '/'}favicon.svg` },
    ],
  ],
  // A link to a page that is not there fails the build.
  ignoreDeadLinks: false,
  markdown: { config: linksOutside, languageAlias: { cjs: 'js', mjs: 'js' } },
  themeConfig: {
    nav: [
      { text: 'First steps', link: '/first-steps' },
      { text: 'Guides', link: '/guides/calls' },
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
