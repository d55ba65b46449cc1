import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../support/vocabulary.ts';

/** Who asks. */
export interface Identity {
  /** As records name them: `alice`, `local user`. */
  readonly name: string;
  readonly role: Role;
  /**
   * How they are known. A `bearer` sends a token along on purpose; everything else comes along by itself, also when another site makes a browser ask: such
   * requests must prove where they come from.
   */
  readonly by: 'open' | 'session' | 'bearer' | 'proxy';
  /** What a form must hold, see {@link formTokenOf}. */
  readonly formKey: string;
  /** Of the session. */
  readonly sessionHash: string | undefined;
}

export function makeSessionId(): string {
  return randomBytes(32).toString('base64url');
}

/** A key for forms from what only the browser and this process know. */
export function deriveFormKey(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`firedrill form ${purpose}`).digest('base64url');
}

/**
 * What a form carries: the key under a mask that is new for each page, so that nothing can be learnt from how well pages compress
 * (breachattack.com). @returns base64url of mask and masked key.
 */
export function formTokenOf(key: string): string {
  const plain = createHash('sha256').update(key).digest();
  const mask = randomBytes(plain.length);
  return Buffer.concat([mask, xor(plain, mask)]).toString('base64url');
}

export function isFormToken(text: unknown, key: string): boolean {
  if (typeof text !== 'string' || !/^[\w-]{86}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64url');
  const plain = createHash('sha256').update(key).digest();
  return timingSafeEqual(xor(bytes.subarray(32), bytes.subarray(0, 32)), plain);
}

function xor(bytes: Uint8Array, mask: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)));
}
