import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    coverage: { include: ['checks.js'], reporter: [] },
    projects: ['threads', 'forks', 'vmThreads'].map((pool) => ({
      extends: true,
      test: { name: pool, pool, include: ['suite.vitest.js'] },
    })),
  },
});
