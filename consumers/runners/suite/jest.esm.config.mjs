export default {
  rootDir: import.meta.dirname,
  testMatch: ['**/esm.jest.mjs'],
  transform: {},
};
