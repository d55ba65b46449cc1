/** Values for the placeholders in a program's arguments. */
export interface ReadRequest {
  readonly key: string;
  /** First byte, inclusive. */
  readonly start: number;
  /** Last byte, exclusive. */
  readonly end: number;
}

const NUMBERS = ['start', 'count', 'last'];
const NUMBER = new RegExp(`\\{(${NUMBERS.join('|')})\\}`, 'g');
const KEY = '{key}';

/**
 * Replaces `{key}` only where it is a whole argument, so that a key never becomes part of a script or an option; numbers are replaced anywhere. Anything else
 * in braces is left alone.
 */
export function fillArgv(argv: readonly string[], { key, start, end }: ReadRequest): readonly string[] {
  const numbers: Record<string, number> = { start, count: end - start, last: end - 1 };
  return argv.map((word) =>
    word === KEY ? key : word.replace(NUMBER, (_, name: string) => String(numbers[name] ?? name)),
  );
}

/** Whether the program can start at a byte offset; otherwise it always writes the whole backup. */
export function seeks(argv: readonly string[]): boolean {
  return argv.some((word) => word.includes('{start}'));
}

/** Whether the program stops by itself at the end of a range. */
export function stopsAtEnd(argv: readonly string[]): boolean {
  return argv.some((word) => /\{(count|last)\}/.test(word));
}

/** Whether a key that starts with `-` would be parsed as an option. */
export function takesKeyForOption(argv: readonly string[], key: string): boolean {
  return key.startsWith('-') && !argv.slice(0, argv.indexOf(KEY)).includes('--');
}

/** @returns what is wrong with the arguments of `list`. */
export function explainListArgv(argv: readonly string[]): string | undefined {
  const word = argv.find((one) => one.includes(KEY) || one.search(NUMBER) >= 0);
  return word === undefined ? undefined : `has ${JSON.stringify(word)}, which is replaced in read and stat only`;
}

/** @returns what is wrong with the arguments of `read` or `stat`. */
export function explainKeyArgv(argv: readonly string[], takesRange: boolean): string | undefined {
  const embedded = argv.find((word) => word.includes(KEY) && word !== KEY);
  if (embedded !== undefined) {
    return `has {key} within ${JSON.stringify(embedded)}; it must be an argument of its own, as in [sh, -c, 'cat "/backups/$1"', sh, "{key}"]`;
  }
  if (argv[0] === KEY) return 'must begin with a program, not with {key}';
  if (!argv.includes(KEY)) return 'must have {key} as one of its arguments';
  if (!takesRange && argv.some((word) => word.search(NUMBER) >= 0))
    return 'must not have {start}, {count} or {last}; they are for read';
  return !seeks(argv) && stopsAtEnd(argv) ? 'must have {start} where it has {count} or {last}' : undefined;
}
