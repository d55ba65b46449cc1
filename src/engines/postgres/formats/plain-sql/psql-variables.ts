/**
 * The variables that a dump sets with `\set` and uses in its SQL, where psql substitutes their values. Source: PostgreSQL's manual, "psql", section "SQL
 * Interpolation".
 */
export class PsqlVariables {
  private readonly names = new Set<string>();

  /** @param command a psql command with its backslash. */
  note(command: string): void {
    const [, verb, name = ''] = /^\\(set|unset)\s+([\w\u0080-\uffff]+)/.exec(command) ?? [];
    if (verb === 'set' && !OF_PSQL.has(name)) this.names.add(name);
    if (verb === 'unset') this.names.delete(name);
  }

  /** @returns the first variable that the statement uses outside quotes and comments. */
  usedIn(statement: Buffer): string | undefined {
    if (this.names.size === 0) return undefined;
    for (const { groups } of statement.toString('utf8').matchAll(TOKENS)) {
      const name = groups?.plain ?? groups?.text ?? groups?.identifier ?? groups?.test;
      if (name !== undefined && this.names.has(name)) return name;
    }
    return undefined;
  }
}

const NAME = '[\\w\\u0080-\\uffff]+';
/** Reads each byte only a few times, whatever the statement: an unterminated token extends to the end. */
const TOKENS = new RegExp(
  [
    ...[
      '--[^\\n]*',
      '/\\*(?:[\\s\\S]*?\\*/|[\\s\\S]*$)',
      "\\b[eE]'[^'\\\\]*(?:(?:\\\\[\\s\\S]|'')[^'\\\\]*)*'",
      '(?<![\\w$\\u0080-\\uffff])\\$(?<tag>(?:[A-Za-z_\\u0080-\\uffff][\\w\\u0080-\\uffff]*)?)\\$(?:[\\s\\S]*?\\$\\k<tag>\\$|[\\s\\S]*$)',
    ],
    ...['::', ':=', `:(?:(?<plain>${NAME})|'(?<text>${NAME})'|"(?<identifier>${NAME})"|\\{\\?(?<test>${NAME})\\})`],
    ...["'[^']*'", '"[^"]*"'],
  ].join('|'),
  'g',
);

/** Variables that psql itself reads. No SQL uses these. */
const OF_PSQL = new Set(
  `AUTOCOMMIT COMP_KEYWORD_CASE ECHO ECHO_HIDDEN FETCH_COUNT HIDE_TABLEAM HIDE_TOAST_COMPRESSION HISTCONTROL HISTFILE HISTSIZE IGNOREEOF
  ON_ERROR_ROLLBACK ON_ERROR_STOP PROMPT1 PROMPT2 PROMPT3 QUIET SHOW_ALL_RESULTS SHOW_CONTEXT SINGLELINE SINGLESTEP VERBOSITY WATCH_INTERVAL`.split(
    /\s+/,
  ),
);
