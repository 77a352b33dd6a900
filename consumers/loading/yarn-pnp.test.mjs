import { after, before, test } from 'node:test';
import { application, packages, printed } from './layout.mjs';
import { Project, tarball, tool, useRuntimes } from './project.mjs';

const yarn = tool('@yarnpkg/cli-dist/bin/yarn.js');
const runtimes = useRuntimes('node20', 'node24');

const fetching = `
console.log(fetchSync('data:text/plain,fetched').text());
`;
const dual = `
console.log(run(coroutines('dual', origin).kind()));
`;

let project;
before(async () => {
  project = await Project.create({
    ...packages,
    ...application,
    'main.mjs': `${application['main.mjs']}
import { fetchSync } from 'palitra/fetch';${fetching}${dual}`,
    'main.cjs': `${application['main.cjs']}
const { fetchSync } = require('palitra/fetch');${fetching}${dual}`,
    'packages/dual/package.json': {
      name: 'dual',
      version: '1.0.0',
      exports: { import: './dual.mjs', require: './dual.cjs' },
    },
    'packages/dual/dual.mjs': `export const kind = async () => 'as import finds it';`,
    'packages/dual/dual.cjs': `exports.kind = async () => 'as require() finds it';`,
    'package.json': {
      private: true,
      dependencies: {
        comments: 'file:./packages/comments',
        dual: 'file:./packages/dual',
        palitra: `file:${tarball}`,
      },
    },
    '.yarnrc.yml': [
      'nodeLinker: pnp',
      'enableGlobalCache: false',
      'enableImmutableInstalls: false',
      'enableNetwork: false',
      'enableTelemetry: false',
      'globalFolder: ./.yarn/global',
      '',
    ].join('\n'),
    'yarn.lock': '',
  });
  await project.prepare([process.execPath, yarn, 'install']);
});
after(() => project.remove());

/** Yarn loads its hooks by a flag that Node calls experimental. */
const quiet = (stderr) =>
  stderr
    .split('\n')
    .filter((line) => !/ExperimentalWarning: |DeprecationWarning: |--import|--trace-/.test(line))
    .join('\n');

for (const { title, binary } of runtimes) {
  for (const file of ['main.mjs', 'main.cjs']) {
    test(`${title} under Yarn Plug'n'Play: ${file}`, () =>
      project.prints([...printed, 'fetched', 'as import finds it'], [binary, yarn, 'node', file], {
        quiet,
      }));
  }
}
