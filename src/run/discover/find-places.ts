import { findSiblings, type SourceSpec } from '../../backup/registry.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { DrillServices } from '../contract.ts';
import { addressOf, type Place, storeOf } from './place.ts';

export interface FoundPlaces {
  readonly places: readonly Place[];
  /** Why there may be more places than were found. */
  readonly problems: readonly { readonly where: string; readonly message: string }[];
}

interface Addressed {
  readonly address: string;
  readonly spec: SourceSpec;
  readonly origin: string;
}

/**
 * The sources of the drills and their surroundings: the whole of their buckets or parent directories, and the other buckets of the same endpoint and
 * credentials. A directory that also holds the drill files is a project, not a place for backups: there, only the source itself is searched.
 */
export async function findPlaces(
  drills: readonly Pick<Drill, 'backup' | 'file'>[],
  { openSource, onStoreRequest = () => undefined }: Pick<DrillServices, 'openSource' | 'onStoreRequest'>,
  signal: AbortSignal,
): Promise<FoundPlaces> {
  const address = async (spec: SourceSpec, origin: string): Promise<Addressed> => {
    const source = await openSource(spec);
    try {
      return { address: addressOf(spec, source), spec, origin };
    } finally {
      source.close();
    }
  };
  const own = unique(await Promise.all(drills.map(({ backup, file }) => address(backup.source, file))));
  const wide: Addressed[] = [];
  const others: Addressed[] = [];
  const problems: { where: string; message: string }[] = [];
  const asked = new Set<string>();
  for (const one of own) {
    const { around, others: beside, problem } = await findSiblings(one.spec, { onRequest: onStoreRequest }, signal);
    const widest = around ? await address(around, one.origin) : one;
    const where = pathOf(widest);
    const holdsDrills = drills.some(({ file }) => file.startsWith(where));
    wide.push(holdsDrills ? one : widest);
    for (const spec of beside) others.push(await address(spec, one.origin));
    const said = `${widest.address} ${problem}`;
    if (problem !== undefined && !asked.has(said)) problems.push({ where, message: problem });
    asked.add(said);
  }
  const kept = outermost(unique([...wide, ...others]));
  const places = kept.map(({ address: at, spec, origin }) => ({
    spec,
    given: undefined,
    origin,
    within: own.filter((one) => one.address !== at && one.address.startsWith(at)).map((one) => one.spec),
  }));
  return { places, problems };
}

/** Sources of drills come first; their surroundings come after. */
function unique(all: readonly Addressed[]): readonly Addressed[] {
  return [...new Map(all.toReversed().map((one) => [one.address, one])).values()].toReversed();
}

function outermost(all: readonly Addressed[]): readonly Addressed[] {
  return all.filter(
    ({ address }) => !all.some((other) => other.address !== address && address.startsWith(other.address)),
  );
}

/** `/srv/backups/`, `s3://acme-backups/` */
function pathOf({ address, spec }: Addressed): string {
  return address.slice(storeOf(spec).length + 1);
}
