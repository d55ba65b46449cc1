import type { Recognised } from '../../backup/discovery/recognise.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { Engine } from '../../engines/engine-descriptor.ts';
import type { ServerDatabases } from '../../engines/sql-descriptor.ts';
import type { Reach } from '../../record/discovery-change.ts';
import {
  type DiscoveryProblem,
  type DiscoveryRecord,
  keyOfFinding,
  type SeriesFinding,
} from '../../record/discovery-store.ts';
import type { Store } from '../../record/store.ts';
import { asDrillError, DrillError } from '../../support/errors.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import { COVERAGE_STATES } from '../../support/vocabulary.ts';
import type { DrillServices } from '../contract.ts';
import { type Coverer, coverDatabases, coverSeries, type FoundSeries } from './coverage.ts';
import { lookAtPlace } from './look-at-place.ts';
import type { LookContext } from './look-context.ts';
import { addressOf, type Place, type rootOf } from './place.ts';
import { TRUST_MS } from './progress-state.ts';
import { RequestBudget } from './request-budget.ts';

/** A running server to ask for its databases. */
export interface ServerToAsk {
  readonly url: URL;
  readonly password: string | undefined;
}

export interface DiscoverRequest {
  readonly drills: readonly Drill[];
  readonly places: readonly Place[];
  readonly servers: readonly ServerToAsk[];
  readonly maxRequests: number;
  readonly signal: AbortSignal;
  /** Why there may be more places than were found. */
  readonly notes: readonly { readonly where: string; readonly message: string }[];
  /** @param share of the places that have been searched, 0 to 1; undefined: not known. */
  readonly onProgress: (text: string, share?: number) => void;
}

export interface DiscoverServices extends Pick<DrillServices, 'openSource' | 'onStoreRequest' | 'clock' | 'redact'> {
  readonly engines: readonly Engine[];
  readonly store: Pick<Store, 'getBaseline' | 'getDiscoveryProgress' | 'saveDiscoveryProgress'>;
}

export interface Discovery {
  readonly record: DiscoveryRecord;
  /** The series in the record, and where each was found. */
  readonly series: readonly DiscoveredSeries[];
  readonly reach: Pick<Reach, 'whole' | 'narrowed'>;
}

export interface DiscoveredSeries {
  readonly finding: SeriesFinding;
  readonly kind: Recognised['kind'];
  readonly place: Place;
  /** The source's URL, as a drill would write it. */
  readonly url: string;
}

/**
 * Looks for backups and databases that no drill covers. Read-only: reads listings, the beginnings of the newest backups and the names of databases. A source or
 * server that cannot be read becomes a problem in the record. @throws what the store throws, and the signal's reason.
 */
export async function discover(request: DiscoverRequest, services: DiscoverServices): Promise<Discovery> {
  const { clock, engines, store, openSource } = services;
  const { signal, onProgress } = request;
  const startedAt = clock.now();
  const problems: DiscoveryProblem[] = request.notes.map((note) => ({ ...note, hint: undefined, isError: false }));
  const budget = new RequestBudget(request.maxRequests);
  const found: (FoundSeries & { readonly place: Place; readonly url: string })[] = [];
  const whole: string[] = [];
  const narrowed: string[] = [];
  let keys = 0;
  let share: number | undefined;
  const ctx: LookContext = { engines, store, clock, signal, onProgress: (text) => onProgress(text, share) };

  const look = async (place: Place, placesLeft: number, waiting: Place[] | undefined): Promise<void> => {
    const source = await openSource(place.spec);
    try {
      const share = budget.share(placesLeft);
      const result = await lookAtPlace(source, addressOf(place.spec, source), share, ctx);
      if (result.stopped && waiting && placesLeft > 1) {
        waiting.push(place);
        return;
      }
      const where = {
        source: place.given ?? source.description,
        root: addressRoot(place, source),
        prefix: source.prefix,
      };
      const { description: url } = source;
      found.push(...result.series.map((one) => ({ ...where, ...one, place, url })));
      keys += result.keys;
      if (result.stopped) problems.push({ where: where.source, ...describeStop(result, request.maxRequests) });
      else whole.push(where.source);
    } finally {
      source.close();
    }
  };
  const tryLook = async (place: Place, placesLeft: number, waiting: Place[] | undefined): Promise<void> => {
    try {
      await look(place, placesLeft, waiting);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asDrillError(thrown, 'locate');
      if (error.code === 'store-failed' || error.code === 'disk-full') throw error;
      const isNarrower = error.code === 'source-denied' && place.within.length > 0;
      const where = place.given ?? (await describePlace(place, services));
      const { message, hint } = error;
      problems.push(
        isNarrower
          ? { where, message: `only the sources of drills are looked at: ${message}`, hint: undefined, isError: false }
          : { where, message, hint, isError: true },
      );
      if (isNarrower) narrowed.push(where);
      if (isNarrower)
        for (const spec of place.within) await tryLook({ ...place, spec, within: [] }, placesLeft, waiting);
    }
  };
  const waiting: Place[] = [];
  for (const [index, place] of request.places.entries()) {
    share = index === 0 ? undefined : index / request.places.length;
    await tryLook(place, request.places.length - index, waiting);
  }
  // give these the budget that the others did not use
  for (const [index, place] of waiting.entries()) await tryLook(place, waiting.length - index, undefined);

  const servers: ServerDatabases[] = [];
  for (const server of request.servers) {
    onProgress(`asking ${server.url.host} for its databases`);
    const asked = await askServer(server, engines, signal);
    if ('databases' in asked) servers.push(asked);
    else problems.push(asked);
  }

  const coverers = await findCoverers(request.drills, services);
  const all = found.map(({ place, url, ...one }) => {
    return { finding: coverSeries(one, coverers), kind: one.content.kind, place, url };
  });
  const known = all.filter(({ finding, kind }) => finding.drills.length > 0 || kind !== 'no-backup');
  const series = known.map(({ finding }) => finding);
  const databases = coverDatabases(series, servers, coverers, (a, b) => areRelated(a, b, engines));
  const findings = [...series, ...databases].toSorted(
    (a, b) =>
      COVERAGE_STATES.indexOf(a.state) - COVERAGE_STATES.indexOf(b.state) ||
      (keyOfFinding(a) < keyOfFinding(b) ? -1 : 1),
  );
  const record = {
    startedAt,
    endedAt: clock.now(),
    findings,
    problems,
    newGaps: [],
    closedGaps: [],
    ignored: all.length - series.length,
    keys,
    requests: budget.sent,
  };
  return { record: redacted(record, services.redact), series: known, reach: { whole, narrowed } };
}

function addressRoot({ spec }: Place, source: Parameters<typeof rootOf>[0]): string {
  const address = addressOf(spec, source);
  return address.slice(0, address.length - source.prefix.length);
}

function describeStop(
  { keys, stopped }: { readonly keys: number; readonly stopped: 'listing' | 'reading' | undefined },
  maxRequests: number,
): Omit<DiscoveryProblem, 'where'> {
  const what = stopped === 'listing' ? `listed ${formatCount(keys)} keys so far` : 'some backups are not read yet';
  return {
    message: `${what}: the limit of ${formatCount(maxRequests)} requests was reached`,
    hint: `Run \`firedrill discover\` again within ${formatDuration(TRUST_MS)}: it continues from there. Or raise --max-requests.`,
    isError: true,
  };
}

async function describePlace({ spec }: Place, { openSource }: Pick<DiscoverServices, 'openSource'>): Promise<string> {
  try {
    const source = await openSource(spec);
    source.close();
    return source.description;
  } catch {
    return spec.type;
  }
}

async function askServer(
  { url, password }: ServerToAsk,
  engines: readonly Engine[],
  signal: AbortSignal,
): Promise<ServerDatabases | DiscoveryProblem> {
  const scheme = url.protocol.slice(0, -1);
  const engine = engines.find(({ sql }) => sql?.urlSchemes.includes(scheme))?.sql;
  try {
    if (!engine) throw new DrillError('usage', `no engine has URLs that begin with ${scheme}://`);
    return await engine.listDatabases({ url, password }, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, hint } = asDrillError(thrown, 'locate');
    const where = `${scheme}://${url.host}`;
    const own = message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
    return { where, message: own, hint, isError: true };
  }
}

async function findCoverers(
  drills: readonly Drill[],
  { openSource, store }: DiscoverServices,
): Promise<readonly Coverer[]> {
  return await Promise.all(
    drills.map(async (drill) => {
      const source = await openSource(drill.backup.source);
      source.close();
      const hasPassed = (await store.getBaseline(drill.name)) !== undefined;
      return { drill, address: addressOf(drill.backup.source, source), hasPassed };
    }),
  );
}

/** Related products share URL schemes, so a server's URL does not show which product it is. */
function areRelated(one: string, other: string, engines: readonly Engine[]): boolean {
  if (one === other) return true;
  const schemesOf = (type: string) => engines.find((engine) => engine.type === type)?.sql?.urlSchemes ?? [];
  return schemesOf(one).some((scheme) => schemesOf(other).includes(scheme));
}

function redacted(record: DiscoveryRecord, redact: (text: string) => string): DiscoveryRecord {
  const problems = record.problems.map(({ message, hint, ...rest }) => {
    return { ...rest, message: redact(message), hint: hint === undefined ? undefined : redact(hint) };
  });
  const findings = record.findings.map((finding) =>
    finding.kind === 'series' ? { ...finding, content: redact(finding.content) } : finding,
  );
  return { ...record, findings, problems };
}
