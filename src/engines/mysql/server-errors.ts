/** @returns the server's number of an error (MySQL manual, "Server Error Message Reference"); 0 when it is none of the server's. */
export function numberOf(error: unknown): number {
  const { errno } = error as { errno?: unknown };
  return typeof errno === 'number' && errno > 0 ? errno : 0;
}

const LOST_CODES = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ECONNREFUSED',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
];
/** Server shutdown in progress; connection killed. */
const LOST_NUMBERS = [1053, 1927, 3169, 4031];

/** Whether a session has ended, which says nothing about the statement. */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && LOST_CODES.includes(code)) return true;
  return LOST_NUMBERS.includes(numberOf(error)) || /closed state|Connection lost|socket hang up/i.test(error.message);
}

/**
 * An error's own words without the values that it quotes: those of columns (`Incorrect integer value: '…' for column`), of keys
 * (`Duplicate entry '…' for key`), and of expressions. Names, which it quotes too, stay.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/\b(value|Duplicate entry|entry):? '[\s\S]*?'(?= (?:for|at|in|to)\b|$)/gi, (match, what: string) =>
      match.includes(':') && !what.includes(' ') ? `${what}: '…'` : `${what} '…'`,
    )
    .replace(/(value is out of range in) '[\s\S]*'$/i, "$1 '…'");
}
