import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes: `fdr_` and 43 characters. The prefix lets secret scanners recognize a leaked token. */
export function makeToken(): string {
  return `fdr_${randomBytes(32).toString('base64url')}`;
}

export function looksLikeToken(text: string): boolean {
  return /^fdr_[\w-]{43}$/.test(text);
}

/**
 * The stored form of a token or a session, in hex. Both have 256 random bits, so a fast hash cannot be reversed; a slow one would only cost
 * time on each request.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
