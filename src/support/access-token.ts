import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes: `fdr_` and 43 letters, so that scanners for leaked secrets know it. */
export function makeToken(): string {
  return `fdr_${randomBytes(32).toString('base64url')}`;
}

export function looksLikeToken(text: string): boolean {
  return /^fdr_[\w-]{43}$/.test(text);
}

/** What is stored of a token or a session, in hex: both have 256 random bits, so that nobody finds them from a fast hash; a slow one would only cost each request. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
