/** Names in backticks: a backslash escapes, as in text. */
export function quoteName(...names: readonly string[]): string {
  return names.map((name) => `\`${escapeWith(name, '`')}\``).join('.');
}

export function quoteText(text: string): string {
  return `'${escapeWith(text, "'")}'`;
}

function escapeWith(text: string, quote: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\0', '\\0');
}
