import type { BackupSpec } from '../../config/drill-file.ts';
import type { BackupSource, DeadLink, StoredObject } from '../source.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import type { ChoiceRule } from './choice-rule.ts';
import { hasKey } from './choose.ts';
import { deadLinkMatcher } from './dead-links.ts';

const PARALLEL_TAG_READS = 16;
/** The page size of S3 listings. */
const TOLD_EVERY = 1000;
/** The tag with the time at which a backup was taken, in ISO 8601. */
const TAKEN_AT_TAG = 'taken-at';

/** What to look for, and the layouts of directories that are one backup. */
export type LocateSpec = Pick<BackupSpec, 'match' | 'select' | 'asOf' | 'takenAt' | 'timezone'> &
  Pick<ChoiceRule, 'layouts'> & {
    /** Called from time to time with the number of objects listed so far. */
    readonly onListed?: (objects: number) => void;
  };

/** The same for a listing that does not itself choose a backup. */
export type ListingSpec = Omit<LocateSpec, 'select' | 'asOf'>;

export interface Listing {
  readonly objects: readonly StoredObject[];
  readonly rule: ChoiceRule;
}

/** Reads the listing, with the tags that the rule needs, and returns it with the rule and the dead links that match. */
export async function readListing(
  source: BackupSource,
  spec: LocateSpec,
  now: Date,
  signal: AbortSignal,
): Promise<Listing & { readonly deadLinks: readonly DeadLink[] }> {
  const objects: StoredObject[] = [];
  const deadLinks: DeadLink[] = [];
  const isWanted = deadLinkMatcher(spec.match);
  const onDeadLink = (link: DeadLink) => {
    if (isWanted(link)) deadLinks.push(link);
  };
  for await (const object of source.list(signal, onDeadLink)) {
    objects.push(object);
    if (objects.length % TOLD_EVERY === 0) spec.onListed?.(objects.length);
  }
  return { ...(await makeRule(source, spec, objects, now, signal)), deadLinks };
}

/** The rule for choosing from these objects, with the tags that it needs. */
export async function makeRule(
  source: BackupSource,
  { match, select, takenAt, timezone, layouts }: LocateSpec,
  objects: readonly StoredObject[],
  now: Date,
  signal: AbortSignal,
): Promise<Listing> {
  const rule = {
    where: source.description,
    prefix: source.prefix,
    match,
    layouts,
    select,
    takenAt,
    timezone,
    seed: '',
  };
  if (takenAt !== 'tag') return { objects, rule };
  const { matched, all } = findCandidates(objects, rule);
  // the newest is always needed, because data loss is measured from it
  const named = select.by === 'key' ? all.filter((candidate) => hasKey(candidate, select.key)) : [];
  const fromMs = select.by === 'random' ? now.getTime() - select.windowMs : Number.POSITIVE_INFINITY;
  const { tags, unreadCount } = await readTags(source, { matched, named, fromMs }, now, signal);
  return { objects, rule: { ...rule, tagOf: ({ key }) => tags.get(key), unreadCount } };
}

/**
 * A backup cannot be stored before it was taken. So tags are read from the most recently stored backup backwards, until all remaining ones were stored before
 * the latest tag of a non-empty backup, and before `fromMs`.
 */
async function readTags(
  source: BackupSource,
  asked: { readonly matched: readonly Candidate[]; readonly named: readonly Candidate[]; readonly fromMs: number },
  now: Date,
  signal: AbortSignal,
): Promise<{ tags: ReadonlyMap<string, string>; unreadCount: number }> {
  const tags = new Map<string, string>();
  let latestMs = Number.NEGATIVE_INFINITY;
  const read = async (candidates: readonly Candidate[]) => {
    const values = await Promise.all(candidates.map((candidate) => readTag(source, candidate, signal)));
    for (const [index, { key, sizeBytes }] of candidates.entries()) {
      const value = values[index];
      if (value === undefined) continue;
      tags.set(key, value);
      const ms = Date.parse(value);
      if (sizeBytes > 0 && ms <= now.getTime() && ms > latestMs) latestMs = ms;
    }
  };
  await read(asked.named);
  const newestFirst = asked.matched
    .filter((candidate) => !asked.named.includes(candidate))
    .sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
  for (let from = 0; from < newestFirst.length; from += PARALLEL_TAG_READS) {
    const batch = newestFirst.slice(from, from + PARALLEL_TAG_READS);
    const enoughMs = Math.min(latestMs, asked.fromMs);
    if (batch.every(({ modifiedAt }) => modifiedAt.getTime() < enoughMs))
      return { tags, unreadCount: newestFirst.length - from };
    await read(batch);
  }
  return { tags, unreadCount: 0 };
}

async function readTag(source: BackupSource, candidate: Candidate, signal: AbortSignal): Promise<string | undefined> {
  const mark = candidate.objects.find(({ key }) => key === candidate.mark) ?? candidate.objects[0];
  return mark && (await source.readTags(mark, signal))[TAKEN_AT_TAG];
}
