import type { StatedTime } from '../engines/engine.ts';
import type { JudgeInput } from './judgement.ts';

/** When the newest backup was taken, by its name, its tag or its store. */
export function newestTaken({ newestTakenAt, takenAt }: JudgeInput): Date | undefined {
  return newestTakenAt ?? takenAt;
}

/**
 * What the newest backup says of itself, where that is earlier than its date, whatever time zone it means: a copy has a new date, and old data.
 * Only of a backup that was restored; the drilled one may not be the newest.
 */
export function statedBefore(input: JudgeInput): StatedTime | undefined {
  const stated = input.load?.stated;
  const newest = newestTaken(input);
  const isNewest = input.takenAt !== undefined && newest !== undefined && input.takenAt >= newest;
  return stated && isNewest && stated.atLatest < newest ? stated : undefined;
}
