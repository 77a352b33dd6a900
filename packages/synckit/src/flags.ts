/** The version of Node that runs. */
export const NODE_VERSION: string = process.versions.node;

export const parseVersion = (version: string): number[] =>
  version.split('.').map(Number.parseFloat);

/** 1, 0 or -1: `version1` is later, the same, or earlier. */
export const compareVersion = (version1: string, version2: string): number => {
  const [first, second] = [parseVersion(version1), parseVersion(version2)];
  for (let part = 0; part < Math.max(first.length, second.length); part++) {
    const difference = (first[part] || 0) - (second[part] || 0);
    if (difference !== 0) return difference > 0 ? 1 : -1;
  }
  return 0;
};

export const compareNodeVersion = (version: string): number =>
  compareVersion(NODE_VERSION, version);

/** The options in `NODE_OPTIONS`: separated by spaces, but for those in double quotes. */
export const NODE_OPTIONS: string[] = [
  ...(process.env['NODE_OPTIONS'] ?? '').matchAll(/(?:"(?:\\.|[^"\\])*"|[^ "])+/g),
].map(([option]) =>
  option.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, quoted: string) =>
    quoted.replaceAll(/\\(.)/g, '$1'),
  ),
);

/** All values that an option is given: by `NODE_OPTIONS`, this process, and `execArgv`; `''` where it has none. */
export function flagValues(names: ReadonlySet<string>, execArgv: readonly string[] = []): string[] {
  const args = [...NODE_OPTIONS, ...process.execArgv, ...execArgv];
  const values: string[] = [];
  for (const [index, arg] of args.entries()) {
    const [, name, value] = /^([^=]*)(?:=(.*))?$/s.exec(arg)!;
    if (!names.has(name!)) continue;
    const next = args[index + 1];
    const plain = value ?? (next === undefined || next.startsWith('-') ? '' : next);
    values.push(/^(["']).*\1$/s.test(plain) && plain.length > 1 ? plain.slice(1, -1) : plain);
  }
  return values;
}

/** Is Node given this option, by its command line or `NODE_OPTIONS`? */
export const hasFlag = (flag: string): boolean => flagValues(new Set([flag])).length > 0;
