import { buffer } from 'node:stream/consumers';
import { DrillError } from '../../support/errors.ts';
import { formatDuration } from '../../support/quantities.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { areCopies, BEGINNING_BYTES, readBeginnings } from './beginnings.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import type { ChoiceRule } from './choice-rule.ts';
import { chooseBackup, DoubtfulSplit } from './choose.ts';
import { isFirstPart } from './split-sets.ts';

const HOUR_MS = 3_600_000;
/** Copies are stored days apart; the parts of one file in quick succession. */
const COPY_GAP_MS = 20 * HOUR_MS;
const PART_GAP_MS = HOUR_MS;
/** The end of a zip archive without a comment is 22 bytes long. Source: PKWARE's APPNOTE.TXT, 4.3.16. */
const ZIP_END_BYTES = 1024;
const ZIP_END = Buffer.from('PK\u0005\u0006', 'latin1');

/** The source to read the files from. */
export interface ProofContext {
  readonly source: BackupSource;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Checks whether the backup that would be chosen was split, if names alone cannot tell: numbered copies look like parts. Reads at most a few kilobytes of at
 * most three files.
 * @returns the rule with the findings; any other problem with the choice is left to `chooseBackup`.
 * @throws DrillError `backup-ambiguous` if the content is inconclusive too, and whatever the source throws.
 */
export async function withSplitReadings(
  objects: readonly StoredObject[],
  rule: ChoiceRule,
  context: ProofContext,
): Promise<ChoiceRule> {
  const splitReadings = new Map<string, 'parts' | 'copies'>();
  for (;;) {
    const candidate = findDoubtful(objects, { ...rule, splitReadings }, context.now);
    const [first] = candidate?.objects ?? [];
    if (!candidate || !first) return { ...rule, splitReadings };
    splitReadings.set(first.key, await readSplit(candidate, context));
  }
}

/**
 * Does the same for every matching backup, whichever one would be chosen. If the content is inconclusive, it stays one backup; its run reports that.
 * @throws whatever the source throws.
 */
export async function withAllSplitReadings(
  objects: readonly StoredObject[],
  rule: ChoiceRule,
  context: ProofContext,
): Promise<ChoiceRule> {
  const splitReadings = new Map<string, 'parts' | 'copies'>();
  for (;;) {
    const open = findCandidates(objects, { ...rule, splitReadings }).matched.filter(
      ({ doubt, objects: [first] }) => doubt !== undefined && first && !splitReadings.has(first.key),
    );
    if (open.length === 0) return { ...rule, splitReadings };
    for (const candidate of open) {
      const reading = await readSplit(candidate, context).catch(asParts);
      splitReadings.set(candidate.objects[0]?.key ?? '', reading);
    }
  }
}

function asParts(error: unknown): 'parts' {
  if (error instanceof DrillError && error.code === 'backup-ambiguous') return 'parts';
  throw error;
}

function findDoubtful(objects: readonly StoredObject[], rule: ChoiceRule, now: Date): Candidate | undefined {
  try {
    chooseBackup(objects, rule, now);
  } catch (error) {
    if (error instanceof DoubtfulSplit) return error.candidate;
    if (!(error instanceof DrillError)) throw error;
  }
  return undefined;
}

async function readSplit(candidate: Candidate, { source, signal }: ProofContext): Promise<'parts' | 'copies'> {
  const { objects, doubt } = candidate;
  const read = (object: StoredObject, start: number, end: number) =>
    source.read(object, { start, end: Math.min(end, object.sizeBytes) }, signal).then(buffer);
  const last = objects.at(-1);
  if (doubt === 'zip') return last && (await isWholeZip(last, read)) ? 'copies' : 'parts';
  const [first] = objects;
  if (!first) return 'parts';
  const looked = [...new Set([...objects.slice(0, 2), ...(last ? [last] : [])])].filter((each) => each.sizeBytes > 0);
  const beginnings = await Promise.all(looked.map((object) => read(object, 0, BEGINNING_BYTES)));
  const hasFirst = isFirstPart(first.key) && first.sizeBytes > 0;
  if (doubt === 'lettered') return areCopies(beginnings, hasFirst) ? 'copies' : 'parts';
  const found = readBeginnings(beginnings, hasFirst);
  if (found === 'copies') return found;
  const gapMs = longestGapMs(objects);
  if (found === 'parts' && gapMs < COPY_GAP_MS) return found;
  if (found === undefined && candidate.lacks === undefined && isCutByListing(objects, gapMs)) return 'parts';
  if (found === undefined && candidate.lacks !== undefined && gapMs < COPY_GAP_MS) return 'parts';
  if (found === undefined && gapMs >= COPY_GAP_MS) return 'copies';
  throw ambiguous(candidate, gapMs);
}

/** A complete zip archive ends on disk 0, the last part of a split one on a later disk. */
async function isWholeZip(
  zip: StoredObject,
  read: (object: StoredObject, start: number, end: number) => Promise<Buffer>,
): Promise<boolean> {
  const end = await read(zip, Math.max(0, zip.sizeBytes - ZIP_END_BYTES), zip.sizeBytes);
  const at = end.lastIndexOf(ZIP_END);
  return at >= 0 && at + 6 <= end.length && end.readUInt16LE(at + 4) === 0;
}

/** The longest time between two consecutively stored files. */
function longestGapMs(objects: readonly StoredObject[]): number {
  const times = objects.map(({ modifiedAt }) => modifiedAt.getTime()).sort((a, b) => a - b);
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

/** Whether several files have the same round size and were stored together. */
function isCutByListing(objects: readonly StoredObject[], gapMs: number): boolean {
  const size = objects[0]?.sizeBytes ?? 0;
  return objects.length > 2 && gapMs < PART_GAP_MS && (size % 1_000_000 === 0 || size % 2 ** 20 === 0);
}

function ambiguous({ name, objects }: Candidate, gapMs: number): DrillError {
  const [first] = objects;
  const base = (first?.key ?? '').slice((first?.key ?? '').lastIndexOf('/') + 1);
  const stem = base.replace(/\.?\d+$/, '');
  return new DrillError(
    'backup-ambiguous',
    `${name}: ${objects.length} files, stored up to ${formatDuration(gapMs)} apart, may be the parts of one backup or ${objects.length} numbered backups, and neither their names nor their content tell`,
    {
      hint: `If they are parts, name them ${stem}.part01, ${stem}.part02, …. If they are separate backups, put the date in each name, as in 2026-11-28-${stem}.`,
    },
  );
}
