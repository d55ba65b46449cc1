import type { Context, MiddlewareHandler, Next } from 'hono';
import type { DashboardDeps } from '../deps.ts';
import type { Access } from './access.ts';
import { type Identity, isFormToken } from './identity.ts';
import { readForm } from './read-body.ts';
import { judgeOrigin } from './same-origin.ts';

export interface DashboardEnv {
  readonly Variables: { identity: Identity };
}

/** How the pages and the API each refuse a request. */
export interface Refusals {
  /** The user is unknown. @param waitMs how long no sign-in is accepted from the peer; 0: no wait. */
  unknown(context: Context<DashboardEnv>, waitMs: number): Response | Promise<Response>;
  /** The user is known but has no permission. */
  forbidden(context: Context<DashboardEnv>, why: string): Response | Promise<Response>;
}

/** Rejects requests from unknown users, and stores the identity in the context for the handlers. */
export function requireIdentity(access: Access, refusals: Refusals): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const identity = await access.identify(context);
    if (!identity) return refusals.unknown(context, access.waitMs(context));
    context.set('identity', identity);
    return next();
  };
}

/** Protects changes against cross-site requests. A bearer token needs no such check, because a browser never adds it by itself. */
export function requireOwnRequest(
  deps: Pick<DashboardDeps, 'publicUrl'>,
  refusals: Refusals,
  proves: (context: Context<DashboardEnv>, identity: Identity) => Promise<boolean> | boolean,
): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const identity = context.get('identity');
    if (identity.by === 'bearer') return next();
    if (judgeOrigin(context, deps.publicUrl) === 'foreign')
      return refusals.forbidden(context, 'the request came from another site');
    if (!(await proves(context, identity)))
      return refusals.forbidden(context, 'the form does not belong to this session; reload the page');
    return next();
  };
}

/** Requires the operator role, which may run, cancel and keep. */
export function requireOperator(refusals: Refusals): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const { role } = context.get('identity');
    return role === 'operator'
      ? next()
      : refusals.forbidden(context, `a ${role} may only read, not run, cancel or keep`);
  };
}

/** For a page's form: it carries a token that only our own pages contain. */
export async function provesByForm(context: Context<DashboardEnv>, identity: Identity): Promise<boolean> {
  const { form } = await readForm(context);
  return isFormToken(form, identity.formKey);
}

/** For the API: a form cannot send JSON, and a script of another site needs a CORS preflight, which is never granted. */
export function provesByJson(context: Context<DashboardEnv>): boolean {
  return /^application\/json(?:;|$)/i.test(context.req.header('content-type') ?? '');
}

/** Allows redirects only within the dashboard. @returns `/` for any other target. */
export function safePath(text: string | undefined): string {
  if (text === undefined || !/^\/[\x21-\x7e]*$/.test(text) || text.includes('\\')) return '/';
  const url = URL.parse(text, 'http://here.invalid');
  if (url?.host !== 'here.invalid') return '/';
  // Validates the normalized result rather than the input: `/..//host` becomes `//host`, which names another site.
  return /^\/(?!\/)/.test(url.pathname) ? `${url.pathname}${url.search}` : '/';
}
