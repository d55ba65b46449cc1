import type { Hono } from 'hono';
import { type DashboardEnv, safePath } from '../access/guard.ts';
import { readForm } from '../access/read-body.ts';
import { judgeOrigin } from '../access/same-origin.ts';
import type { DashboardDeps } from '../deps.ts';
import { keepScheme, SCHEMES } from '../scheme.ts';

/** Keeps the reader's color scheme in a cookie. It says nothing about the reader, so the sign-in page offers it too. */
export function addSchemeRoute(app: Hono<DashboardEnv>, deps: Pick<DashboardDeps, 'publicUrl'>): void {
  app.post('/scheme', async (context) => {
    const { scheme, next } = await readForm(context);
    if (judgeOrigin(context, deps.publicUrl) !== 'own') return context.redirect('/', 303);
    const chosen = SCHEMES.find((one) => one === scheme);
    if (chosen) keepScheme(context, chosen);
    return context.redirect(safePath(typeof next === 'string' ? next : undefined), 303);
  });
}
