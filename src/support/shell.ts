/** Quotes words for a POSIX shell, so that a name from a backup or a file cannot inject commands. */
export function toShell(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
