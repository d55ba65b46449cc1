import type { StageName } from '../../support/vocabulary.ts';
import type { RunEvent } from '../contract.ts';
import { type PartName, type PartTimes, partOf } from './parts.ts';

/** What a prediction needs to know about a run so far. Times are in milliseconds. */
export interface Timeline {
  readonly rtoMs: number;
  readonly counts: readonly StageName[];
  /** Recovery time of completed stages. */
  readonly countedMs: number;
  /** Time spent on completed parts, and on the current one up to its last report. */
  readonly spent: PartTimes;
  readonly stage: { readonly name: StageName; readonly startedAtMs: number } | undefined;
  readonly current: CurrentPart | undefined;
  readonly sizeBytes: number | undefined;
  /** Whether the data files come from the backup itself (a physical backup); undefined: not known yet. */
  readonly isPhysical: boolean | undefined;
  readonly checksPlanned: number;
  readonly checksDone: number;
  readonly isStalled: boolean;
}

export interface CurrentPart {
  readonly name: PartName;
  readonly sinceMs: number;
  /** Share of the work done in the parts that it covers, 0 to 1; undefined: not known. */
  readonly ratio: number | undefined;
  /** When that last changed: work done in a few large steps reports nothing in between. */
  readonly ratioAtMs: number;
  readonly covers: readonly PartName[];
}

export const NEW_TIMELINE: Timeline = {
  rtoMs: 0,
  counts: [],
  countedMs: 0,
  spent: {},
  stage: undefined,
  current: undefined,
  sizeBytes: undefined,
  isPhysical: undefined,
  checksPlanned: 0,
  checksDone: 0,
  isStalled: false,
};

/** Applies one more event of the run. Pure. */
export function followTimeline(line: Timeline, event: RunEvent): Timeline {
  const atMs = event.at.getTime();
  switch (event.type) {
    case 'run-started':
      return { ...NEW_TIMELINE, rtoMs: event.rtoMs, counts: event.counts };
    case 'backup-chosen':
      return { ...line, sizeBytes: event.backup.sizeBytes };
    case 'planned': {
      const { checks, engine } = event.plan;
      return { ...line, checksPlanned: checks.length, isPhysical: engine.match === 'exact' };
    }
    case 'stage-started': {
      const { stage: name } = event;
      const stage = { name, startedAtMs: event.startedAt.getTime() };
      const part = name === 'restore' ? 'fetch' : name;
      if (!line.counts.includes(name) || part === 'image-pull' || part === 'teardown')
        return { ...line, stage, current: undefined };
      return { ...line, stage, current: newPart(part, stage.startedAtMs), isStalled: false };
    }
    case 'progress': {
      if (!line.current || event.stage !== 'restore') return line;
      const { phase, covers, ratio, isStalled } = event.progress;
      const name = partOf(phase) ?? line.current.name;
      const covered = covers.flatMap((one) => partOf(one) ?? []);
      const isSame = name === line.current.name;
      const left = isSame ? line : leave(line, atMs);
      const sinceMs = isSame ? line.current.sinceMs : atMs;
      const ratioAtMs = ratio === line.current.ratio ? line.current.ratioAtMs : atMs;
      const current = { name, sinceMs, ratio, ratioAtMs, covers: covered.length > 0 ? covered : [name] };
      return { ...left, isStalled, current };
    }
    case 'check': {
      const checksDone = line.checksDone + 1;
      const isVerify = line.current?.name === 'verify' && line.checksPlanned > 0;
      if (!line.current || !isVerify) return line;
      const ratio = Math.min(1, checksDone / line.checksPlanned);
      return { ...line, checksDone, current: { ...line.current, ratio, ratioAtMs: atMs } };
    }
    case 'stage-ended': {
      const isCounted = line.counts.includes(event.stage);
      const left = leave(line, event.startedAt.getTime() + event.durationMs);
      const countedMs = line.countedMs + (isCounted ? event.durationMs : 0);
      return { ...left, countedMs, stage: undefined, current: undefined, isStalled: false };
    }
    default:
      return line;
  }
}

/** Recovery time so far. @param nowMs milliseconds since the epoch. */
export function elapsedMs({ countedMs, stage, counts }: Timeline, nowMs: number): number {
  const inStage = stage && counts.includes(stage.name) ? Math.max(0, nowMs - stage.startedAtMs) : 0;
  return countedMs + inStage;
}

/** Time spent so far on the current part and the other parts that its ratio covers. */
export function spentOn(line: Timeline, parts: readonly PartName[], nowMs: number): number {
  const { current, spent } = line;
  const now = current && parts.includes(current.name) ? Math.max(0, nowMs - current.sinceMs) : 0;
  return parts.reduce((sum, part) => sum + (spent[part] ?? 0), now);
}

function newPart(name: PartName, sinceMs: number): CurrentPart {
  return { name, sinceMs, ratio: undefined, ratioAtMs: sinceMs, covers: [name] };
}

function leave(line: Timeline, atMs: number): Timeline {
  const { current, spent } = line;
  if (!current) return line;
  const { name, sinceMs } = current;
  return { ...line, spent: { ...spent, [name]: (spent[name] ?? 0) + Math.max(0, atMs - sinceMs) } };
}
