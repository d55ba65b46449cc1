const known = Symbol('secrets');

/** The secrets of one process, for removing them from any output. Passed in, never global. */
export class Redactor {
  private readonly [known] = new Set<string>();

  /** Adds a secret. Very short ones are ignored: replacing every `a` would hide the message, not the secret. */
  add(secret: string): void {
    if (secret.length < 4) return;
    this[known].add(secret).add(encodeURIComponent(secret)).add(JSON.stringify(secret).slice(1, -1));
  }

  /** @returns the text with every known secret, also URL-encoded or escaped, and everything that looks like a secret, replaced by `***`. */
  redact(text: string): string {
    let clean = text;
    // Longest first: otherwise a shorter secret with the same beginning would leave the end of the longer one.
    for (const secret of [...this[known]].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, '***');
    if (!COULD_HIDE.test(clean)) return clean;
    for (const [pattern, replacement] of SECRET_SHAPES) clean = clean.replace(pattern, replacement);
    return clean;
  }

  /**
   * Where a text of which more is to come can be cut, so that each part can be redacted by itself: after its last line that surely ends no known secret.
   * @returns the length of the first part, in UTF-16 units; 0 if all of it may belong to one secret.
   */
  safePrefix(text: string): number {
    const secrets = [...this[known]];
    const longest = Math.max(1, ...secrets.map(({ length }) => length));
    const settled = Math.max(0, text.length - longest + 1);
    let end = text.slice(0, settled).lastIndexOf('\n') + 1 || settled;
    for (let before = -1; before !== end; ) {
      before = end;
      for (const secret of secrets) end = beforeCrossing(text, secret, end);
    }
    return end;
  }
}

/** @returns where a secret begins that crosses `end`; `end` itself if none does. */
function beforeCrossing(text: string, secret: string, end: number): number {
  const at = text.indexOf(secret, Math.max(0, end - secret.length + 1));
  return at !== -1 && at < end ? at : end;
}

const SECRET_NAME =
  /(?:password|passwd|mysql_pwd|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|session[_-]?token|api[_-]?key)/;
const VALUE = /(?:"[^"\r\n]*"|'[^'\r\n]*'|[^\s"',;&]+)/;

/** Each shape below contains one of these. This is a quick check, because pages clean thousands of short texts and most contain none. */
const COULD_HIDE =
  /:\/\/|AKIA|ASIA|authorization|bearer|x-amz-|passw|mysql_pwd|secret|session[_-]?token|api[_-]?key|identified|PRIVATE KEY/i;

/**
 * Patterns of secrets that are not known to us: in a tool's output, a server's error, a URL. Each pattern starts at a word boundary or at its own first letter,
 * so that hostile text takes only linear time.
 */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  // user:password@ in a URL
  [/(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, '$1:***@'],
  // access key ids of AWS, long-lived and temporary
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, '***'],
  // headers, and parameters of presigned URLs
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*)[^\r\n"']+/gi, '$1***'],
  [/\b(bearer\s+)[\w.~+/-]{8,}=*/gi, '$1***'],
  [/\b(x-amz-(?:signature|credential|security-token)["']?\s*[:=]\s*)[^\s&"',;]+/gi, '$1***'],
  // PGPASSWORD=…, password: …, "secretAccessKey": "…", api-key=…; but not our own message `backup.secretAccessKey: is missing`
  [new RegExp(`(${SECRET_NAME.source}["']?\\s*=\\s*)${VALUE.source}`, 'gi'), '$1***'],
  [new RegExp(`(?<![\\w.-])([\\w-]{0,64}${SECRET_NAME.source}["']?\\s*:\\s*)${VALUE.source}`, 'gi'), '$1***'],
  // SQL: PASSWORD '…', IDENTIFIED BY '…', IDENTIFIED WITH … AS '…'
  [/\b(password\s+)(?:'(?:[^']|'')*'|"[^"]*")/gi, '$1***'],
  [/\b(identified\s+(?:by|with\s+\S+\s+(?:by|as))\s+(?:password\s+)?)(?:'(?:[^']|'')*'|"[^"]*")/gi, '$1***'],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '***'],
];
