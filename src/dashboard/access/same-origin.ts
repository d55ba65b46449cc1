import type { Context } from 'hono';

/**
 * Whether a request that changes something comes from our own pages: browsers send `Sec-Fetch-Site` and `Origin`, which pages cannot forge.
 * @returns `unknown` if neither header is present, as from curl; current browsers always send one.
 */
export function judgeOrigin(context: Context, publicUrl: string | undefined): 'own' | 'foreign' | 'unknown' {
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  if (site !== undefined && site !== 'same-origin') return 'foreign';
  if (origin === undefined) return site === undefined ? 'unknown' : 'own';
  return isOwn(origin, context.req.header('host'), publicUrl) ? 'own' : 'foreign';
}

/** A proxy may have rewritten `Host` and terminated TLS; then the origin is the one of `publicUrl`. */
function isOwn(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
