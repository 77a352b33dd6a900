import { test } from 'node:test';
import { runSuite } from './suites.mjs';

const esm = ['--config=suite/jest.esm.config.mjs'];
const commonjs = ['--config=suite/jest.commonjs.config.mjs'];
const NODE_OPTIONS = '--experimental-vm-modules --no-warnings';
const count = 11;

test('Jest, tests as ES modules', () => runSuite('jest', esm, { count, env: { NODE_OPTIONS } }));

test('Jest, tests as ES modules, with the coverage of Istanbul', () =>
  runSuite('jest', [...esm, '--coverage', '--coverageReporters=none'], {
    count,
    env: { NODE_OPTIONS, INSTRUMENTED: 'yes' },
  }));

test('Jest, tests compiled to CommonJS', () => runSuite('jest', commonjs, { count }));

test('Jest, tests compiled to CommonJS, with the coverage of Istanbul', () =>
  runSuite('jest', [...commonjs, '--coverage', '--coverageReporters=none'], {
    count,
    env: { INSTRUMENTED: 'yes' },
  }));

test('Jest, tests as ES modules, with the coverage of V8', () =>
  runSuite('jest', [...esm, '--coverage', '--coverageProvider=v8', '--coverageReporters=none'], {
    count,
    env: { NODE_OPTIONS },
  }));
