import type { StatedTime } from '../engines/engine.ts';
import type { JudgeInput } from './judgement.ts';

/** When the newest backup was taken, according to its name, its tag or its store. */
export function newestTaken({ newestTakenAt, takenAt }: JudgeInput): Date | undefined {
  return newestTakenAt ?? takenAt;
}

/**
 * The time that the newest backup states in its content, if that is earlier than its date in any time zone: a copy has a new date, but old data. Only for a
 * backup that was restored; the drilled one may not be the newest.
 */
export function statedBefore(input: JudgeInput): StatedTime | undefined {
  const stated = input.load?.stated;
  const newest = newestTaken(input);
  const isNewest = input.takenAt !== undefined && newest !== undefined && input.takenAt >= newest;
  return stated && isNewest && stated.atLatest < newest ? stated : undefined;
}
