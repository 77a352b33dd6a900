/** Words that other libraries have for an option. */
const SYNONYMS: Readonly<Record<string, string>> = {
  timeoutms: 'timeout',
  timelimit: 'timeout',
  abortsignal: 'signal',
  limit: 'concurrency',
  maxconcurrency: 'concurrency',
  workername: 'name',
  argv: 'execArgv',
};

/**
 * Checks that a function is given no option that it does not know: it would be ignored, and a misspelt
 * `timeout` would mean to wait for ever. Names alone count: `{ timeOut: undefined }` is misspelt as well.
 *
 * `where` is how the function is written in the message, such as `gather()`; `example` is a right object of
 * options, such as `{ timeout: 2_000 }`.
 *
 * @throws {TypeError} when it is no object, or has an option that is not in `known`; it names the one that was meant.
 */
export function checkOptions(
  options: unknown,
  known: readonly string[],
  where: string,
  example: string,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const got = options === null ? 'null' : Array.isArray(options) ? 'an array' : typeof options;
    throw new TypeError(`The options of ${where} are an object, such as ${example}, not ${got}.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(name, known, where);
  }
}

/**
 * The option that a misspelt name stands for: the same letters in another case or with other separators,
 * another library's word for it, or at most one letter in three wrong.
 */
export function findMeant(name: string, known: readonly string[]): string | undefined {
  const plain = plainly(name);
  const synonym = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let meant: string | undefined;
  let fewest = Math.min(3, Math.ceil(plain.length / 3)) + 0.5;
  for (const candidate of known) {
    const distance = distanceOf(plain, plainly(candidate));
    if (distance >= fewest) continue;
    fewest = distance;
    meant = candidate;
  }
  return meant;
}

function unknownOption(name: string, known: readonly string[], where: string): TypeError {
  const meant = findMeant(name, known);
  const question = meant === undefined ? '.' : `: did you mean ${meant}?`;
  const all = known.length === 0 ? 'none' : known.join(', ');
  return new TypeError(`${where} has no option ${name}${question} Its options are ${all}.`);
}

function plainly(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z\d]/g, '');
}

/** So many letters are to be changed, added, left out, or swapped with their neighbour. */
function distanceOf(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let distance = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      ) {
        distance = Math.min(distance, beforeLast[column - 2]! + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
