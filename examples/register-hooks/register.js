// node --import ./register.js main.js: from then on, `import` and `require` take Svelte components.

import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { coroutines, run } from 'palitra';
import { isLoopThread } from 'palitra/loop';

const { compileComponent } = coroutines('./compile.js', import.meta);

// The loop thread inherits --import; it has no use for the hook.
if (!isLoopThread()) registerHooks({ load });

/** A hook of registerHooks runs in the thread that imports, and answers at once. */
function load(url, context, nextLoad) {
  if (!url.endsWith('.svelte')) return nextLoad(url, context);
  const source = run(compileComponent(fileURLToPath(url)), { timeout: 30_000 });
  return { format: 'module', source, shortCircuit: true };
}
