import { readFileSync } from 'node:fs';
import markdownIt from 'markdown-it';
import { highlight } from './highlight.js';

const markdown = markdownIt({ highlight });
const page = readFileSync(new URL('page.md', import.meta.url), 'utf8');

console.log(markdown.render(page));
