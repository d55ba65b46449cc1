import type { BackupSpec } from '../config/drill-file.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { type ChoiceRule, type Chosen, chooseBackup } from './choose.ts';
import type { BackupSource, StoredObject } from './source.ts';

export type { Chosen } from './choose.ts';

const PARALLEL_TAG_READS = 16;
/** The tag that says when a backup was taken, ISO 8601. */
const TAKEN_AT_TAG = 'taken-at';

/**
 * Lists the source and chooses the backup to drill.
 * @throws DrillError `backup-missing`, `backup-empty`, or what the source throws.
 */
export async function locateBackup(
  source: BackupSource,
  spec: Pick<BackupSpec, 'match' | 'select' | 'takenAt'>,
  now: Date,
  signal: AbortSignal,
): Promise<Chosen> {
  const objects: StoredObject[] = [];
  for await (const object of source.list(signal)) objects.push(object);
  const { match, select, takenAt } = spec;
  const rule: ChoiceRule = { where: source.description, prefix: source.prefix, match, select, takenAt };
  if (takenAt !== 'tag') return chooseBackup(objects, rule, now);
  const { matched, all } = findCandidates(objects, source.prefix, match);
  const asked = select.by === 'key' ? all.filter(hasKey(select.key)) : matched;
  const { tags, unreadCount } = await readTags(source, asked, now, signal);
  return chooseBackup(objects, { ...rule, tagOf: ({ key }) => tags.get(key), unreadCount }, now);
}

function hasKey(wanted: string): (candidate: Candidate) => boolean {
  return ({ key, name }) => [key, name].some((text) => text === wanted || text === `${wanted}/`);
}

/**
 * Nothing can be stored before it was taken. So the newest stored are asked first, and no more once the latest tag is newer
 * than all that is left.
 */
async function readTags(
  source: BackupSource,
  candidates: readonly Candidate[],
  now: Date,
  signal: AbortSignal,
): Promise<{ tags: ReadonlyMap<string, string>; unreadCount: number }> {
  const newestFirst = [...candidates].sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
  const tags = new Map<string, string>();
  let latestMs = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < newestFirst.length; from += PARALLEL_TAG_READS) {
    const batch = newestFirst.slice(from, from + PARALLEL_TAG_READS);
    if (batch.every(({ modifiedAt }) => modifiedAt.getTime() < latestMs)) {
      return { tags, unreadCount: newestFirst.length - from };
    }
    const values = await Promise.all(batch.map((candidate) => readTag(source, candidate, signal)));
    for (const [index, value] of values.entries()) {
      const key = batch[index]?.key;
      if (key === undefined || value === undefined) continue;
      tags.set(key, value);
      const ms = Date.parse(value);
      if (ms <= now.getTime() && ms > latestMs) latestMs = ms;
    }
  }
  return { tags, unreadCount: 0 };
}

async function readTag(source: BackupSource, candidate: Candidate, signal: AbortSignal): Promise<string | undefined> {
  const mark = candidate.objects.find(({ key }) => key === candidate.mark) ?? candidate.objects[0];
  return mark && (await source.readTags(mark, signal))[TAKEN_AT_TAG];
}
