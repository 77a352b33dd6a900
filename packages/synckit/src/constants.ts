import { compareNodeVersion, hasFlag } from './flags.ts';
import type { GlobalShim, ValueOf } from './types.ts';

export const TsRunner: {
  readonly Node: 'node';
  readonly Bun: 'bun';
  readonly TsNode: 'ts-node';
  readonly EsbuildRegister: 'esbuild-register';
  readonly EsbuildRunner: 'esbuild-runner';
  readonly OXC: 'oxc';
  readonly SWC: 'swc';
  readonly TSX: 'tsx';
} = {
  Node: 'node',
  Bun: 'bun',
  TsNode: 'ts-node',
  EsbuildRegister: 'esbuild-register',
  EsbuildRunner: 'esbuild-runner',
  OXC: 'oxc',
  SWC: 'swc',
  TSX: 'tsx',
};
export type TsRunner = ValueOf<typeof TsRunner>;

const { SYNCKIT_EXEC_ARGV, SYNCKIT_GLOBAL_SHIMS, SYNCKIT_TIMEOUT, SYNCKIT_TS_RUNNER } =
  process.env as Record<string, string | undefined>;

export const TS_ESM_PARTIAL_SUPPORTED: boolean =
  compareNodeVersion('16') >= 0 && compareNodeVersion('18.19') < 0;
export const MTS_SUPPORTED: boolean = compareNodeVersion('20.8') >= 0;
export const MODULE_REGISTER_SUPPORTED: boolean = MTS_SUPPORTED || compareNodeVersion('18.19') >= 0;
export const STRIP_TYPES_NODE_VERSION = '22.6';
export const TRANSFORM_TYPES_NODE_VERSION = '22.7';
export const FEATURE_TYPESCRIPT_NODE_VERSION = '22.10';
export const DEFAULT_TYPES_NODE_VERSION = '23.6';
export const STRIP_TYPES_FLAG = '--experimental-strip-types';
export const TRANSFORM_TYPES_FLAG = '--experimental-transform-types';
export const NO_STRIP_TYPES_FLAG = '--no-experimental-strip-types';
export const NO_STRIP_TYPES: boolean =
  hasFlag(NO_STRIP_TYPES_FLAG) &&
  (compareNodeVersion(FEATURE_TYPESCRIPT_NODE_VERSION) >= 0
    ? (process.features as { typescript?: unknown }).typescript === false
    : !hasFlag(STRIP_TYPES_FLAG) && !hasFlag(TRANSFORM_TYPES_FLAG));
export const DEFAULT_TIMEOUT: number | undefined = SYNCKIT_TIMEOUT ? +SYNCKIT_TIMEOUT : undefined;
export const DEFAULT_EXEC_ARGV: string[] = (SYNCKIT_EXEC_ARGV ?? '').split(',');
export const DEFAULT_TS_RUNNER: TsRunner | undefined = SYNCKIT_TS_RUNNER as TsRunner | undefined;
export const DEFAULT_GLOBAL_SHIMS: boolean = ['1', 'true'].includes(SYNCKIT_GLOBAL_SHIMS ?? '');
export const DEFAULT_GLOBAL_SHIMS_PRESET: GlobalShim[] = [
  { moduleName: 'node-fetch-native', globalName: 'fetch', named: 'fetch' },
  { moduleName: 'node:perf_hooks', globalName: 'performance', named: 'performance' },
];
export const IMPORT_FLAG = '--import';
export const REQUIRE_FLAG = '--require';
export const REQUIRE_ABBR_FLAG = '-r';
export const REQUIRE_FLAGS: Set<string> = new Set([REQUIRE_FLAG, REQUIRE_ABBR_FLAG]);
export const LOADER_FLAG = '--loader';
export const EXPERIMENTAL_LOADER_FLAG = '--experimental-loader';
export const LOADER_FLAGS: Set<string> = new Set([LOADER_FLAG, EXPERIMENTAL_LOADER_FLAG]);
export const IMPORT_FLAG_SUPPORTED: boolean = compareNodeVersion('20.6') >= 0;
