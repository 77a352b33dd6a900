/** Before Node 24.9 Jest can require no ES module: Babel makes CommonJS of palitra, too. */
export default {
  rootDir: import.meta.dirname,
  testMatch: ['**/commonjs.jest.cjs'],
  transform: {
    '\\.js$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }],
  },
  transformIgnorePatterns: ['/node_modules/(?!palitra/)'],
};
