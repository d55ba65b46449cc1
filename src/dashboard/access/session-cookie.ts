import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/** Behind TLS: such a cookie was set by this very host, for all of it, over TLS only. */
const SECURE_NAME = '__Host-firedrill';
const PLAIN_NAME = 'firedrill';

/**
 * `Lax`, as links in messages lead here and a `Strict` cookie would stay away from them: whoever follows one would have to sign in again. What changes
 * something is a POST, with which no cookie of this kind comes along from elsewhere; and its origin and form are looked at, too.
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
