import type { Drill } from '../../config/drill-file.ts';
import type { DiscoverSettings } from '../../config/resolve-discover.ts';
import { compareDiscoveries } from '../../record/discovery-change.ts';
import type { Store } from '../../record/store.ts';
import { type DiscoverServices, type Discovery, discover, type ServerToAsk } from './discover.ts';
import { findPlaces } from './find-places.ts';
import type { Place } from './place.ts';

export interface LookAroundRequest {
  readonly drills: readonly Drill[];
  readonly settings: DiscoverSettings;
  /** More servers, given on the command line. A scan that includes them is not recorded, because the next scan would not have them. */
  readonly servers: readonly ServerToAsk[];
  readonly maxRequests: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, share?: number) => void;
}

export type LookAroundServices = Omit<DiscoverServices, 'store'> & {
  readonly store: DiscoverServices['store'] & Pick<Store, 'getDiscovery' | 'saveDiscovery'>;
};

/**
 * Scans everything: the sources of all drills and their surroundings, and the sources and servers in the settings. The result is compared with the previous
 * scan and recorded. @throws what the store throws, and the signal's reason.
 */
export async function lookAround(request: LookAroundRequest, services: LookAroundServices): Promise<Discovery> {
  const { drills, settings, signal } = request;
  const { places, problems } = await findPlaces(drills, services, signal);
  const extra = settings.sources.flatMap(({ given, spec }): Place[] =>
    spec ? [{ spec, given, origin: undefined, within: [] }] : [],
  );
  const unusable = [
    ...settings.sources.map(({ given, problem }) => ({ where: given, message: problem })),
    ...settings.servers.map(({ url, problem }) => ({ where: `${url.protocol}//${url.host}`, message: problem })),
  ].flatMap(({ where, message }) =>
    message === undefined ? [] : [{ where, message, hint: undefined, isError: true }],
  );
  const servers = settings.servers.filter(({ problem }) => problem === undefined);
  const { record, series, reach } = await discover(
    { ...request, places: [...places, ...extra], servers: [...servers, ...request.servers], notes: problems },
    services,
  );
  const whole = { ...record, problems: [...unusable, ...record.problems] };
  if (request.servers.length > 0) return { record: whole, series, reach };
  const compared = compareDiscoveries(whole, await services.store.getDiscovery(), {
    ...reach,
    alone: problems.map(({ where }) => where),
  });
  await services.store.saveDiscovery(compared);
  return { record: compared, series, reach };
}
