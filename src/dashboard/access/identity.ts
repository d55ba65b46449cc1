import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../support/vocabulary.ts';

/** The user who makes a request. */
export interface Identity {
  /** The recorded name: `alice`, `local user`. */
  readonly name: string;
  readonly role: Role;
  /**
   * How the user was identified. A client sends a `bearer` token deliberately; every other proof is sent automatically, even when another site makes the
   * browser send the request, so such requests must prove their origin.
   */
  readonly by: 'open' | 'session' | 'bearer' | 'proxy';
  /** The key for the token in forms, see {@link formTokenOf}. */
  readonly formKey: string;
  /** The hash of the session's id, if there is a session. */
  readonly sessionHash: string | undefined;
}

export function makeSessionId(): string {
  return randomBytes(32).toString('base64url');
}

/** Derives a key for forms from a secret that only the browser and this process know. */
export function deriveFormKey(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`firedrill form ${purpose}`).digest('base64url');
}

/**
 * The token in a form: the key under a mask that is new for each page, so that the size of compressed pages reveals nothing about it
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
