import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/config/resolve-notify.ts';
import { routeNotification } from '../../src/notify/route.ts';

const CHANNELS = ['data', 'harness', 'pager'];
const trouble = { state: 'failed', tier: 1, owner: 'payments', reasons: ['too-slow'] } as const;

function route(changes: Partial<Route> & Pick<Route, 'to'>): Route {
  return { tier: undefined, owner: undefined, status: undefined, reason: undefined, ...changes };
}

describe('a route', () => {
  it('is optional: by default every channel gets everything', () => {
    expect(routeNotification(undefined, CHANNELS, trouble)).toEqual(CHANNELS);
  });

  it('sends failures to the owner of the data, and errors to the owner of the harness', () => {
    const routes = [
      route({ to: ['data'], status: ['failed', 'no-new-backup', 'never'] }),
      route({ to: ['harness'], status: ['errored', 'interrupted', 'overdue', 'broken'] }),
      route({ to: ['pager'], status: ['failed'], tier: [0, 1] }),
    ];
    expect(routeNotification(routes, CHANNELS, trouble)).toEqual(['data', 'pager']);
    expect(routeNotification(routes, CHANNELS, { ...trouble, tier: undefined })).toEqual(['data']);
    expect(routeNotification(routes, CHANNELS, { ...trouble, state: 'errored', reasons: [] })).toEqual(['harness']);
  });

  it.each<[Partial<Route>, boolean]>([
    [{}, true],
    [{ tier: [1] }, true],
    [{ tier: [2] }, false],
    [{ owner: ['payments', 'search'] }, true],
    [{ owner: ['search'] }, false],
    [{ reason: ['wrong-data', 'too-slow'] }, true],
    [{ reason: ['wrong-data'] }, false],
    [{ tier: [1], owner: ['search'] }, false],
  ])('of %j matches a slow tier 1 drill of payments: %s', (changes, takes) => {
    const told = routeNotification([route({ to: ['data'], ...changes })], CHANNELS, trouble);
    expect(told).toEqual(takes ? ['data'] : []);
  });

  it('for stale backups matches backups that stopped coming', () => {
    const routes = [route({ to: ['data'], reason: ['stale-backup'] })];
    expect(routeNotification(routes, CHANNELS, { ...trouble, state: 'no-new-backup', reasons: [] })).toEqual(['data']);
  });

  it('is combined with every other match, each channel once', () => {
    const routes = [route({ to: ['pager', 'data'] }), route({ to: ['data'] })];
    expect(routeNotification(routes, CHANNELS, trouble)).toEqual(['data', 'pager']);
  });
});
