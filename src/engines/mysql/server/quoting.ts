/** Backticks work in every sql_mode. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** For the harness's own text, on sessions whose sql_mode allows backslash escapes, which is the default. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A database in a GRANT is a pattern, in which `_` and `%` are wildcards. */
export function quoteGrantDatabase(name: string): string {
  return quoteName(name.replaceAll(/[\\_%]/g, '\\$&'));
}
