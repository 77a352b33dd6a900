// A Babel visitor must have changed the tree when it returns. Here it waits for PostCSS.

import { dirname, resolve } from 'node:path';
import { coroutines, run } from 'palitra';

const cssModules = coroutines('./css-modules.js', import.meta);

/** `import styles from './button.module.css'` becomes an object of class names; the CSS is in `metadata.css`. */
export default function babelPluginCssModules({ types }) {
  return {
    name: 'css-modules',
    visitor: {
      ImportDeclaration(path, { file }) {
        const { source, specifiers } = path.node;
        if (!source.value.endsWith('.module.css')) return;
        if (specifiers.length !== 1 || !types.isImportDefaultSpecifier(specifiers[0]))
          throw path.buildCodeFrameError('Import all class names at once: import styles from …');

        const cssFile = resolve(dirname(file.opts.filename), source.value);
        const { css, classes } = run(cssModules.compile(cssFile), { timeout: 30_000 });

        file.metadata.css = (file.metadata.css ?? '') + css;
        const names = types.valueToNode(classes);
        const object = types.variableDeclarator(specifiers[0].local, names);
        path.replaceWith(types.variableDeclaration('const', [object]));
      },
    },
  };
}
