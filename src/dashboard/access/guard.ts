import type { Context, MiddlewareHandler, Next } from 'hono';
import type { DashboardDeps } from '../deps.ts';
import type { Access } from './access.ts';
import { type Identity, isFormToken } from './identity.ts';
import { readForm } from './read-body.ts';
import { judgeOrigin } from './same-origin.ts';

export interface DashboardEnv {
  readonly Variables: { identity: Identity };
}

/** How pages and the API each say no. */
export interface Refusals {
  /** Nobody that is known asks. @param waitMs 0, or for how long nothing is tried for them. */
  unknown(context: Context<DashboardEnv>, waitMs: number): Response | Promise<Response>;
  /** They may not. */
  forbidden(context: Context<DashboardEnv>, why: string): Response | Promise<Response>;
}

/** Lets nobody by who is not known, and puts who it is where the answer finds it. */
export function requireIdentity(access: Access, refusals: Refusals): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const identity = await access.identify(context);
    if (!identity) return refusals.unknown(context, access.waitMs(context));
    context.set('identity', identity);
    return next();
  };
}

/** What changes something is asked by whoever it seems to be, and not by another site in their browser. A bearer's token does not come along by itself. */
export function requireOwnRequest(
  deps: Pick<DashboardDeps, 'publicUrl'>,
  refusals: Refusals,
  proves: (context: Context<DashboardEnv>, identity: Identity) => Promise<boolean> | boolean,
): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const identity = context.get('identity');
    if (identity.by === 'bearer') return next();
    if (judgeOrigin(context, deps.publicUrl) === 'foreign')
      return refusals.forbidden(context, 'it was asked from the page of another site');
    if (!(await proves(context, identity)))
      return refusals.forbidden(context, 'what was sent does not belong to this session; load the page again');
    return next();
  };
}

/** Runs, stops and keeps. */
export function requireOperator(refusals: Refusals): MiddlewareHandler<DashboardEnv> {
  return async (context: Context<DashboardEnv>, next: Next) => {
    const { role } = context.get('identity');
    return role === 'operator' ? next() : refusals.forbidden(context, `a ${role} may read, and not run, stop or keep`);
  };
}

/** Of a form in a page: it holds what only our page was told. */
export async function provesByForm(context: Context<DashboardEnv>, identity: Identity): Promise<boolean> {
  const { form } = await readForm(context);
  return isFormToken(form, identity.formKey);
}

/** Of the API: a form cannot send JSON, and a script of another site must ask first, which is never allowed. */
export function provesByJson(context: Context<DashboardEnv>): boolean {
  return /^application\/json(?:;|$)/i.test(context.req.header('content-type') ?? '');
}

/** A place of ours to go on to, and nothing else. @returns `/` for whatever is not one. */
export function safePath(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes('\\')) return '/';
  const url = URL.parse(text, 'http://here.invalid');
  return url?.host === 'here.invalid' ? `${url.pathname}${url.search}` : '/';
}
