/** A token of a statement as the server reads it: comments are omitted, and only the marks of version comments. */
export interface SqlToken {
  /** `word`: a keyword, a number or a name without quotes. `quoted`: between double quotes, a text or, under ANSI_QUOTES, a name. */
  readonly kind: 'word' | 'name' | 'quoted' | 'string' | 'mark';
  /** Without its quotes. */
  readonly text: string;
}

export interface TokenRules {
  /** sql_mode NO_BACKSLASH_ESCAPES: a backslash in a text is an ordinary character. */
  readonly hasPlainBackslashes?: boolean;
}

/** Tokenizes one statement, in time linear in its length. An unclosed token extends to the end. */
export function* sqlTokens(text: string, { hasPlainBackslashes = false }: TokenRules = {}): Generator<SqlToken> {
  const { length } = text;
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 0xa0) at += 1;
    else if (isWord(code)) {
      const start = at;
      while (at < length && isWord(text.charCodeAt(at))) at += 1;
      yield { kind: 'word', text: text.slice(start, at) };
    } else if (code === QUOTE || code === DOUBLE_QUOTE || code === BACKQUOTE) {
      const end = endOfQuoted(text, at, code !== BACKQUOTE && !hasPlainBackslashes);
      const quote = String.fromCharCode(code);
      yield { kind: KINDS[quote] ?? 'string', text: text.slice(at + 1, end).replaceAll(quote + quote, quote) };
      at = end + 1;
    } else {
      const after = afterComment(text, at);
      if (after === at) yield { kind: 'mark', text: text.charAt(at) };
      at = Math.max(after, at + 1);
    }
  }
}

const [QUOTE, DOUBLE_QUOTE, BACKQUOTE, BACKSLASH] = [39, 34, 96, 92];
const KINDS: Readonly<Record<string, SqlToken['kind']>> = { "'": 'string', '"': 'quoted', '`': 'name' };

function isWord(code: number): boolean {
  const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
  return isLetter || (code >= 48 && code <= 57) || code === 95 || code === 36 || (code >= 128 && code !== 0xa0);
}

/** @returns the position of the closing quote; the text's length if there is none. */
function endOfQuoted(text: string, start: number, hasEscapes: boolean): number {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH && hasEscapes) at += 2;
    else if (code !== quote) at += 1;
    else if (text.charCodeAt(at + 1) === quote) at += 2;
    else return at;
  }
  return text.length;
}

/** @returns the end of a comment, or of the mark of a version comment; `at` if there is none. */
function afterComment(text: string, at: number): number {
  const two = text.slice(at, at + 2);
  if (two === '*/') return at + 2; // of a version comment
  if (
    two.startsWith('#') ||
    (two === '--' && text.charCodeAt(at + 2) <= 32) ||
    (two === '--' && at + 2 === text.length)
  ) {
    const newline = text.indexOf('\n', at);
    return newline < 0 ? text.length : newline + 1;
  }
  if (two !== '/*') return at;
  const mark = /^\/\*M?!\d*/.exec(text.slice(at, at + 12))?.[0];
  if (mark !== undefined) return at + mark.length;
  const end = text.indexOf('*/', at + 2);
  return end < 0 ? text.length : end + 2;
}
