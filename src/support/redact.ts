const known = Symbol('secrets');

/** Secrets of one process, so that any text on its way out can be freed of them. Passed in, never global. */
export class Redactor {
  private readonly [known] = new Set<string>();

  /** Remembers a secret. Very short ones are left alone: replacing every `a` would hide the message, not the secret. */
  add(secret: string): void {
    if (secret.length >= 4) this[known].add(secret);
  }

  /** @returns the text with every known secret, also in its URL-encoded form, and any password in a URL, replaced by `***`. */
  redact(text: string): string {
    let clean = text;
    for (const secret of this[known]) {
      clean = clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
    }
    return clean.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, '$1:***@');
  }
}
