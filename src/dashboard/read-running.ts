import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps } from './deps.ts';

/** Runs of other processes are refreshed when pages are viewed. */
export function readRunning({ control }: Pick<DashboardDeps, 'control'>): MiddlewareHandler {
  return async (_, next) => {
    await control.refreshRunning();
    await next();
  };
}
