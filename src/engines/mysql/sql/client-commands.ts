/**
 * The commands of the client programs `mysql` and `mariadb`. The client recognises them by their first word, only at the start of a statement, in any
 * case. Source: the manuals' "mysql Client Commands" and "mariadb Command-Line Client"; the client's `help`.
 */
const WITH_ARGUMENT = new Set([
  '?',
  'charset',
  'connect',
  'help',
  'pager',
  'prompt',
  'query_attributes',
  'source',
  'system',
  'tee',
]);
const ALONE = new Set([
  'clear',
  'costs',
  'edit',
  'ego',
  'exit',
  'go',
  'nopager',
  'notee',
  'nowarning',
  'print',
  'quit',
  'rehash',
  'resetconnection',
  'sandbox',
  'ssl_session_data_print',
  'status',
  'warnings',
]);

/** First letters of the commands, USE and DELIMITER: statements that begin otherwise, above all INSERT, need no lookup. */
const STARTS = new Set(
  [...WITH_ARGUMENT, ...ALONE, 'use', 'delimiter']
    .map((name) => name.charCodeAt(0))
    .flatMap((code) => (code === 63 ? [code] : [code, code - 32])),
);

/** Length of the longest command name. */
export const MAX_COMMAND_LENGTH = 22;

export function isCommandStart(byte: number): boolean {
  return STARTS.has(byte);
}

/**
 * @param word the first word of a statement, in lower case.
 * @param rest what follows it on its line, up to the delimiter.
 */
export function isClientCommand(word: string, rest: string): boolean {
  if (WITH_ARGUMENT.has(word)) return rest === '' || /^\s/.test(rest);
  return ALONE.has(word) && rest.trim() === '';
}

export function mayBeClientCommand(word: string): boolean {
  return WITH_ARGUMENT.has(word) || ALONE.has(word);
}

/** @returns the argument of a `DELIMITER` line; undefined for one that the client rejects. */
export function delimiterIn(rest: string): string | undefined {
  const match = /^[ \t]+(?:'([^']+)'|"([^"]+)"|`([^`]+)`|([^\s'"`]\S*))/.exec(rest);
  const delimiter = match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4];
  return delimiter?.includes('\\') ? undefined : delimiter;
}

/** Commands that change only what the client displays, by name and by letter: they do not affect a restore. */
const HARMLESS = new Set([
  ...[
    '?',
    'help',
    'costs',
    'nopager',
    'notee',
    'nowarning',
    'print',
    'prompt',
    'rehash',
    'sandbox',
    'status',
    'warnings',
  ],
  ...['\\?', '\\h', '\\n', '\\t', '\\w', '\\W', '\\p', '\\R', '\\#', '\\s', '\\-'],
]);
/** Letters of the other commands, which read, write or run something, or end the input. */
const LETTERS = 'cdeqrtuxCGPTg!.';

/**
 * What a client command means for a load. `unknown`: the client stops there with an error. `passed-over`: the client prints an error and continues as if the
 * line did not exist, as for a DELIMITER without an argument.
 */
export function meaningOfCommand(text: string): 'harmless' | 'refused' | 'unknown' | 'passed-over' {
  const name = /^\\./.exec(text)?.[0] ?? (text.split(/\s/)[0] ?? '').toLowerCase();
  if (/^delimiter\b/.test(name) || text.trim() === '\\d') return 'passed-over';
  if (HARMLESS.has(name)) return 'harmless';
  return name.startsWith('\\') && !LETTERS.includes(name[1] ?? ' ') ? 'unknown' : 'refused';
}
