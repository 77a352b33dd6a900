import { after, before, test } from 'node:test';
import { application, inFolder, packages, printed } from './layout.mjs';
import { Project, tarball, tool } from './project.mjs';

// Version 10 is the last that is JavaScript and runs on Node 20.
const pnpm = tool('pnpm').replace(/package\.json$/, 'bin/pnpm.cjs');
const palitra = `file:${tarball}`;

let project;
before(async () => {
  project = await Project.create({
    // Every dependency is a link into a store, where it sees nothing but its own dependencies.
    ...inFolder('alone', {
      ...packages,
      ...application,
      'package.json': { dependencies: { comments: 'file:packages/comments', palitra } },
    }),
    // The package that runs on the loop thread is a link to a folder next door.
    ...inFolder('workspace', {
      ...packages,
      ...inFolder('app', application),
      'app/package.json': { dependencies: { comments: 'workspace:*', palitra } },
      'package.json': { private: true },
      'packages/comments/package.json': {
        ...packages['packages/comments/package.json'],
        devDependencies: { palitra },
      },
      'pnpm-workspace.yaml': 'packages: [app, packages/*]\n',
    }),
  });
  const env = { CI: '1', XDG_CONFIG_HOME: project.path('config'), HOME: project.path('home') };
  for (const folder of ['alone', 'workspace']) {
    const store = `--store-dir=${project.path('store')}`;
    await project.prepare([process.execPath, pnpm, 'install', '--offline', store], { folder, env });
  }
});
after(() => project.remove());

for (const file of ['main.mjs', 'main.cjs']) {
  test(`pnpm: ${file} with dependencies in a store`, () =>
    project.prints(printed, [process.execPath, file], { folder: 'alone' }));

  test(`pnpm: ${file} in a workspace`, () =>
    project.prints(printed, [process.execPath, file], { folder: 'workspace/app' }));
}
