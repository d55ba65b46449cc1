/** Helpers for GitHub-flavored Markdown. */

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map((row) => line(row.map(escapeMarkdown)))].join('\n');
}

/** Escapes markup, HTML and links, because names of checks and keys of backups are untrusted. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\r?\n/g, ' ')
    .replace(/[\\`*_{}[\]<>|~#@!&]/g, (character) =>
      character === '<' ? '&lt;' : character === '&' ? '&amp;' : `\\${character}`,
    )
    .replace(/\b(https?|ftp):\/\//gi, '$1\\://')
    .replace(/\bwww\./gi, 'www\\.');
}

/**
 * For text that is to be copied without backslashes: fenced by one more backtick than its longest run of them (https://spec.commonmark.org/0.31.2/#code-spans).
 * Not for tables.
 */
export function codeSpan(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || /^ .*[^ ].* $/.test(text) ? ' ' : '';
  return text.trim() === '' ? '' : `${fence}${pad}${text.replace(/\r?\n/g, ' ')}${pad}${fence}`;
}
