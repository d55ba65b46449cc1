/**
 * Whether a query may call a function by its bare name; if qualified with a schema or a database, the name is
 * unambiguous.
 * @param sql without comments and quoted text, which contain no calls.
 * @param quote the character that quotes a name.
 */
export function callsFunction(sql: string, name: string, quote: '"' | '`'): boolean {
  const escaped = name.replaceAll(/[^\w]/g, '\\$&');
  return new RegExp(`(?<![\\w$.\\u0080-\\uffff])${quote}?${escaped}${quote}?\\s*\\(`, 'i').test(sql);
}
