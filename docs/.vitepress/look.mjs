// Looks at the built site in a browser: every page at two widths, light and dark. Fails for errors in the console
// and for pages that scroll sideways; leaves pictures of some pages in the folder that is given, or a temporary one.
//   apt-get install chromium && npm run build && npm run look [folder]
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from 'vitepress';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'palitra-site-'));
const port = 4173;
await serve({ root, port });

const pictured = [
  '/',
  '/first-steps',
  '/guides/callbacks',
  '/errors',
  '/what-can-cross',
  '/design/overview',
  '/design/speed',
  '/design/time',
  '/api/palitra/functions/run',
  '/api/palitra/interfaces/RunnerOptions',
];

const all = readdirSync(join(root, '.vitepress', 'dist'), { recursive: true })
  .filter((file) => file.endsWith('.html') && file !== '404.html')
  .map((file) => `/${file.replaceAll('\\', '/').replace(/(?:index)?\.html$/, '')}`)
  // The pages that TypeDoc makes are all alike: two of them are among the pictures.
  .filter((path) => !path.startsWith('/api/') || pictured.includes(path))
  .sort();

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let problems = 0;
function complain(text) {
  problems++;
  console.error(text);
}
for (const [size, width, height] of [
  ['phone', 390, 844],
  ['desk', 1440, 900],
]) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    let path = '';
    page.on('console', (message) => {
      if (message.type() === 'error') complain(`${path} (${size}): ${message.text()}`);
    });
    page.on('pageerror', (error) => complain(`${path} (${size}): ${error}`));
    for (path of colorScheme === 'light' ? all : pictured) {
      if (!all.includes(path)) continue;
      await page.goto(`http://localhost:${port}${path}`, { waitUntil: 'load' });
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      if (wide > 0) complain(`${path} (${size}) is ${wide} pixels too wide`);
      if (!pictured.includes(path)) continue;
      const name = `${path.slice(1).replaceAll('/', '-') || 'index'}-${size}-${colorScheme}.png`;
      await page.screenshot({ path: join(folder, name) });
    }
    await context.close();
  }
}
await browser.close();
console.log(`${all.length} pages, ${problems} problems; pictures are in ${folder}`);
process.exit(problems === 0 ? 0 : 1);
