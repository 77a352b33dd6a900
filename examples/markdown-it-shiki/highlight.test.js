import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import markdownIt from 'markdown-it';
import * as shiki from 'shiki';
import { highlight } from './highlight.js';

const ceiling = { timeout: 60_000 };
const markdown = markdownIt({ highlight });
const options = { theme: 'nord', tokenizeTimeLimit: 0 };
const fileHere = (name) => new URL(name, import.meta.url);

test('`npm start` prints what the README shows', ceiling, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileHere('main.js').pathname]);
  const [, shown] = /```html\n([^]*?)```\n\n## /.exec(
    await readFile(fileHere('README.md'), 'utf8'),
  );
  assert.equal(stdout.trim(), shown.trim());
});

test('a page in several languages is highlighted as by Shiki itself', ceiling, async () => {
  const blocks = {
    js: 'const tea = await pour(`cup`);\n',
    python: 'async def tea(): return await pour("cup")\n',
    sql: "select * from cups where tea = 'green'\n",
    rust: 'fn tea() -> Cup { pour() }\n',
    yaml: 'tea: { cups: 2 }\n',
  };
  const page = Object.entries(blocks).map(([lang, code]) => `\`\`\`${lang}\n${code}\`\`\`\n`);
  const html = markdown.render(page.join('\n'));
  for (const [lang, code] of Object.entries(blocks)) {
    const expected = await shiki.codeToHtml(code, { lang, ...options });
    assert.ok(html.includes(expected), lang);
    assert.ok(expected.match(/style="color:/g).length > 3, lang);
  }
});

test('an unknown language and a block without one keep their text', () => {
  assert.equal(
    markdown.render('```klingon\nnuqneH <tea>\n```'),
    '<pre><code class="language-klingon">nuqneH &lt;tea&gt;\n</code></pre>\n',
  );
  assert.match(markdown.render('```\n<tea>\n```'), /class="shiki nord".*&#x3C;tea>/);
});

test('after an unknown language the next block is highlighted as ever', () => {
  const html = markdown.render('```klingon\nnuqneH\n```\n\n```json\n{"tea": 2}\n```');
  assert.match(html, /color:#B48EAD"> 2</);
});
