import { join } from 'node:path';
import { compileMatch } from '../../backup/selection/candidates.ts';
import type { Drill } from '../../config/drill-file.ts';
import { readDrills } from '../../config/load-drills.ts';
import { parseSource } from '../../config/parse-source.ts';
import type { Settings } from '../../config/settings.ts';
import { ENGINE_TYPES } from '../../engines/registry.ts';
import type { DiscoveryProblem } from '../../record/discovery-store.ts';
import type { Store } from '../../record/store.ts';
import { type DiscoveredSeries, discover } from '../../run/discover/discover.ts';
import { asDrillError, DrillError } from '../../support/errors.ts';
import { formatAge, formatCount } from '../../support/quantities.ts';
import { formatTable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';

/** The contents of a backup location. */
export interface ListedSeries {
  /** Series of backups: uncovered ones first, unreadable ones last. */
  readonly series: readonly DiscoveredSeries[];
  readonly problems: readonly DiscoveryProblem[];
}

/**
 * Lists a location given by the user, and identifies the newest backup of each series.
 * @param keys of the source besides its URL.
 * @throws DrillError `usage` for an invalid source; whatever the store throws.
 */
export async function listSeries(
  tools: Toolbox,
  { source, keys }: { readonly source: string; readonly keys: Readonly<Record<string, unknown>> },
  { settings, store }: { readonly settings: Settings; readonly store: Store },
): Promise<ListedSeries> {
  const { io, backups, redact } = tools;
  const { spec, problems } = await parseSource({ ...keys, url: source }, join(io.cwd, 'init.yaml'), {
    cwd: io.cwd,
    env: io.env,
  });
  if (!spec) throw new DrillError('usage', `--source: ${problems[0]?.message ?? 'is not a backup location'}`);
  const engines = await Promise.all(ENGINE_TYPES.map((type) => backups.engineOf(type)));
  const drills = await readExisting(tools, settings);
  const { series, record } = await showWork(tools, `listing ${source}`, (tell) =>
    discover(
      {
        drills,
        places: [{ spec, given: source, origin: undefined, within: [] }],
        servers: [],
        notes: [],
        maxRequests: settings.discover.maxRequests,
        signal: io.interrupt,
        onProgress: (text, share) => tell(redact(text), share),
      },
      { ...backups, engines, store, redact },
    ),
  );
  const found = series.filter(({ kind }) => kind !== 'no-backup');
  return {
    series: found.toSorted((a, b) => rankOf(a) - rankOf(b)),
    problems: record.problems.filter(({ isError }) => isError),
  };
}

/** `1  orders-*.dump  14 backups, newest 5 h old  pg_dump custom archive` */
export function formatChoices(series: readonly DiscoveredSeries[], now: Date): string {
  const rows = series.map(({ finding: { match, backups, newestAt, content, drills } }, index) => [
    `  ${index + 1}`,
    match,
    backups === 1 ? '1 backup' : `${formatCount(backups)} backups`,
    `newest ${formatAge(Math.max(0, now.getTime() - newestAt.getTime()))} old`,
    drills.length === 0 ? content : `${content} (covered by ${drills.join(', ')})`,
  ]);
  return formatTable(rows, (_row, _column, text) => text);
}

/** @returns the series whose newest backup a pattern selects. */
export function seriesOfMatch(series: readonly DiscoveredSeries[], match: string): DiscoveredSeries | undefined {
  const isMatch = compileMatch(match);
  return series.find(({ finding }) => finding.match === match || isMatch(finding.newest));
}

function rankOf({ finding, kind }: DiscoveredSeries): number {
  if (kind === 'unreadable') return 2;
  return finding.drills.length > 0 ? 1 : 0;
}

/** The existing drills, whose backups are already covered. */
async function readExisting(tools: Toolbox, settings: Settings): Promise<readonly Drill[]> {
  try {
    return (await readDrills([settings.drillsDir], tools.loadOptions(settings))).drills;
  } catch (thrown) {
    if (asDrillError(thrown, 'locate').code === 'drill-not-found') return [];
    throw thrown;
  }
}
