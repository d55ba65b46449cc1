/** Words as they are typed into a POSIX shell: what a name from a backup or a file holds has no say there. */
export function toShell(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
