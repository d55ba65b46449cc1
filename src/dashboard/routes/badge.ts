import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { hashSecret } from '../../support/access-token.ts';
import type { Access } from '../access/access.ts';
import type { DashboardEnv } from '../access/guard.ts';
import { badgeStateOf, drawBadge } from '../badge.ts';
import type { DashboardDeps } from '../deps.ts';

const MAX_AGE_S = 60;

/**
 * `/badge/DRILL.svg`. Mount it before the headers that keep other sites from embedding responses, because badges are embedded there. Visible to everybody who
 * may view the pages; to others only if badges are public, or with the badge key in the address, which grants nothing else.
 */
export function addBadgeRoute(app: Hono<DashboardEnv>, deps: DashboardDeps, access: Access): void {
  app.get('/badge/:file{.+\\.svg}', async (context) => {
    const { badges } = deps.access;
    const isShared = badges.isPublic || hasKey(context.req.query('key'), badges.keyHash);
    context.header('X-Content-Type-Options', 'nosniff');
    if (!isShared && !(await access.identify(context))) return refuse(context, 'sign in first\n', 401);
    const name = context.req.param('file').slice(0, -'.svg'.length);
    const found = (await deps.standings()).drills.find(({ drill }) => drill.name === name);
    if (!found) return refuse(context, 'no such drill\n', 404);
    const svg = String(drawBadge(name, badgeStateOf(found)));
    const tag = `"${createHash('sha256').update(svg).digest('hex').slice(0, 16)}"`;
    context.header('Cache-Control', `${isShared ? 'public' : 'private'}, max-age=${MAX_AGE_S}, must-revalidate`);
    context.header('ETag', tag);
    context.header('Content-Security-Policy', "default-src 'none'");
    if (isShared) context.header('Cross-Origin-Resource-Policy', 'cross-origin');
    if (context.req.header('if-none-match') === tag) return context.body(null, 304);
    return context.body(svg, 200, { 'Content-Type': 'image/svg+xml; charset=utf-8' });
  });
}

function hasKey(given: string | undefined, keyHash: string | undefined): boolean {
  if (given === undefined || keyHash === undefined) return false;
  return timingSafeEqual(Buffer.from(hashSecret(given)), Buffer.from(keyHash));
}

function refuse(context: Context<DashboardEnv>, text: string, status: 401 | 404): Response {
  context.header('Cache-Control', 'no-store');
  return context.text(text, status);
}
