import type { Route } from '../config/resolve-notify.ts';
import type { Reason, StandingState } from '../support/vocabulary.ts';

/** What routes tell drills in trouble apart by. */
export interface Routed {
  readonly state: StandingState;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** Of a failed drill. */
  readonly reasons: readonly Reason[];
}

/**
 * The channels that are told of a trouble: those of every route that matches, in the order of the channels.
 * @param routes undefined: every channel is told everything.
 * @param channels names of all there are.
 */
export function routeNotice(
  routes: readonly Route[] | undefined,
  channels: readonly string[],
  routed: Routed,
): readonly string[] {
  if (!routes) return channels;
  const told = new Set(routes.filter((route) => matches(route, routed)).flatMap(({ to }) => to));
  return channels.filter((name) => told.has(name));
}

/** Each key that a route has must hold. */
function matches(route: Route, { state, tier, owner, reasons }: Routed): boolean {
  const known: readonly Reason[] = state === 'no-new-backup' ? ['stale-backup', ...reasons] : reasons;
  return (
    (!route.status || route.status.includes(state)) &&
    (!route.tier || (tier !== undefined && route.tier.includes(tier))) &&
    (!route.owner || (owner !== undefined && route.owner.includes(owner))) &&
    (!route.reason || route.reason.some((reason) => known.includes(reason)))
  );
}
