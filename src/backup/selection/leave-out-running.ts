import { text } from 'node:stream/consumers';
import { DrillError } from '../../support/errors.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { layoutMarkedBy } from '../wrapped-members.ts';
import type { Candidate } from './candidates.ts';
import type { ChoiceRule } from './choice-rule.ts';
import { findNewest } from './choose.ts';

const MAX_MARK_BYTES = 2 ** 20;
/** No more than this run at once; any other unfinished backup is reported when it is chosen. */
const MAX_RUNNING = 4;

export interface WithoutRunning {
  readonly objects: readonly StoredObject[];
  /** What was skipped, to be shown with the run. */
  readonly warnings: readonly string[];
}

/**
 * Skips the newest backups that are still being taken according to their tool (see `DirectoryLayout.running`), so that a drill at that hour uses the previous
 * one. A backup requested by name is never skipped, and neither is the only one.
 * @throws whatever the source throws.
 */
export async function leaveOutRunning(
  objects: readonly StoredObject[],
  rule: ChoiceRule,
  { source, now, signal }: { readonly source: BackupSource; readonly now: Date; readonly signal: AbortSignal },
): Promise<WithoutRunning> {
  if (rule.select.by === 'key' || !rule.layouts.some(({ running }) => running)) return { objects, warnings: [] };
  let left = objects;
  const running: Candidate[] = [];
  while (running.length < MAX_RUNNING) {
    const newest = newestIn(left, rule, now);
    if (!newest) return { objects, warnings: [] };
    if (!(await isRunning(newest, rule, source, signal))) break;
    running.push(newest);
    left = left.filter(({ key }) => !key.startsWith(newest.key));
  }
  return {
    objects: left,
    warnings: running.map(
      ({ name }) => `${name} was left out: its own metadata says that it is still being taken, or its job was killed`,
    ),
  };
}

function newestIn(objects: readonly StoredObject[], rule: ChoiceRule, now: Date): Candidate | undefined {
  try {
    return findNewest(objects, rule, now).candidate;
  } catch (error) {
    if (error instanceof DrillError) return undefined; // the choice says what is wrong
    throw error;
  }
}

async function isRunning(
  { kind, mark, key, objects }: Candidate,
  { layouts }: ChoiceRule,
  source: BackupSource,
  signal: AbortSignal,
): Promise<boolean> {
  const found = kind === 'directory' && mark !== undefined && layoutMarkedBy(mark.slice(key.length), layouts);
  const object = objects.find((each) => each.key === mark);
  if (!found || found.wraps.length > 0 || !found.layout.running || !object || object.sizeBytes === 0) return false;
  if (object.sizeBytes > MAX_MARK_BYTES) return false;
  const content = await text(await source.read(object, { start: 0, end: object.sizeBytes }, signal));
  return found.layout.running.test(content);
}
