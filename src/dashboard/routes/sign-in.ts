import type { Context, Hono } from 'hono';
import type { Access } from '../access/access.ts';
import { type DashboardEnv, safePath } from '../access/guard.ts';
import { readForm } from '../access/read-body.ts';
import { judgeOrigin } from '../access/same-origin.ts';
import type { DashboardDeps } from '../deps.ts';
import type { View } from '../layout.ts';
import { signInPage } from '../pages/simple-pages.ts';

type MakeView = (context: Context<DashboardEnv>) => View;

/** Sends unknown users to the sign-in page, and from there to the page they wanted. Requests with a token or for anything but a page get an error. */
export function toSignIn(context: Context<DashboardEnv>, waitMs: number): Response {
  const { method, path } = context.req;
  if (context.req.header('authorization') !== undefined)
    return context.text(waitMs > 0 ? 'too many attempts\n' : 'unknown token\n', waitMs > 0 ? 429 : 401);
  const isPage = method === 'GET' && path !== '/live' && context.req.query('part') === undefined;
  if (!isPage) return context.text('sign in first\n', 401);
  const url = new URL(context.req.url);
  const next = safePath(`${url.pathname}${url.search}`);
  return context.redirect(next === '/' ? '/signin' : `/signin?next=${encodeURIComponent(next)}`, 303);
}

export function addSignInRoutes(
  app: Hono<DashboardEnv>,
  deps: DashboardDeps,
  access: Access,
  makeView: MakeView,
): void {
  const show = async (context: Context<DashboardEnv>, next: string, problem: string | undefined) =>
    signInPage(makeView(context), next, problem, (await access.mode()) === 'nobody' ? 'nobody' : 'sign-in');

  app.get('/signin', async (context) => {
    const next = safePath(context.req.query('next'));
    if (await access.identify(context)) return context.redirect(next, 303);
    return context.html(await show(context, next, undefined));
  });
  app.post('/signin', async (context) => {
    // Another site must not be able to sign a user in as somebody else: browsers send the origin of each form.
    if (judgeOrigin(context, deps.publicUrl) !== 'own')
      return context.html(await show(context, '/', 'The form did not come from this dashboard. Try again.'), 403);
    const { token, next } = await readForm(context);
    const goOn = safePath(typeof next === 'string' ? next : undefined);
    const signIn = await access.signIn(context, typeof token === 'string' ? token.trim() : '');
    if (signIn.kind === 'in') return context.redirect(goOn, 303);
    if (signIn.kind === 'refused') return context.html(await show(context, goOn, 'Unknown or revoked token.'), 403);
    const seconds = Math.ceil(signIn.waitMs / 1000);
    context.header('Retry-After', String(seconds));
    return context.html(await show(context, goOn, `Too many attempts. Wait ${seconds} s, then try again.`), 429);
  });
}

export function addSignOutRoute(app: Hono<DashboardEnv>, access: Access): void {
  app.post('/signout', async (context) => {
    await access.signOut(context, context.get('identity'));
    return context.redirect('/signin', 303);
  });
}
