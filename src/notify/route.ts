import type { Route } from '../config/resolve-notify.ts';
import type { Reason, StandingState } from '../support/vocabulary.ts';

/** The properties of a drill with a problem that routes match on. */
export interface Routed {
  readonly state: StandingState;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** Reasons why the drill failed. */
  readonly reasons: readonly Reason[];
}

/**
 * The channels that get a notification: those of every matching route, in the order of the channels.
 * @param routes undefined: every channel gets everything.
 * @param channels the names of all channels.
 */
export function routeNotification(
  routes: readonly Route[] | undefined,
  channels: readonly string[],
  routed: Routed,
): readonly string[] {
  if (!routes) return channels;
  const routedChannels = new Set(routes.filter((route) => matches(route, routed)).flatMap(({ to }) => to));
  return channels.filter((name) => routedChannels.has(name));
}

/** Every key that a route sets must match. */
function matches(route: Route, { state, tier, owner, reasons }: Routed): boolean {
  const known: readonly Reason[] = state === 'no-new-backup' ? ['stale-backup', ...reasons] : reasons;
  return (
    (!route.status || route.status.includes(state)) &&
    (!route.tier || (tier !== undefined && route.tier.includes(tier))) &&
    (!route.owner || (owner !== undefined && route.owner.includes(owner))) &&
    (!route.reason || route.reason.some((reason) => known.includes(reason)))
  );
}
