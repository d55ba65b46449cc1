import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/** Behind TLS: the prefix guarantees that this host set the cookie, for the whole host and over TLS only. */
const SECURE_NAME = '__Host-firedrill';
const PLAIN_NAME = 'firedrill';

/**
 * `Lax`, because links in notifications lead here, and with a `Strict` cookie users who follow one would have to sign in again. Changes are POST requests,
 * with which browsers do not send such a cookie from other sites; their origin and form token are checked as well.
 */
const ATTRIBUTES = { httpOnly: true, sameSite: 'Lax', path: '/' } as const;

export function readSessionCookie(context: Context): string | undefined {
  const value = getCookie(context, SECURE_NAME) ?? getCookie(context, PLAIN_NAME);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

export function setSessionCookie(context: Context, id: string, maxAgeMs: number, secure: boolean): void {
  const maxAge = Math.floor(maxAgeMs / 1000);
  setCookie(context, secure ? SECURE_NAME : PLAIN_NAME, id, { ...ATTRIBUTES, secure, maxAge });
}

export function endCookie(context: Context, secure: boolean): void {
  deleteCookie(context, PLAIN_NAME, ATTRIBUTES);
  if (secure) deleteCookie(context, SECURE_NAME, { ...ATTRIBUTES, secure });
}
