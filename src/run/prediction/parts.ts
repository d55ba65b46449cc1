import type { PhaseRecord, StageRecord } from '../../record/run-record.ts';
import type { RunTiming } from '../../record/store.ts';
import type { PhaseName, StageName } from '../../support/vocabulary.ts';

/** The parts of a recovery that a prediction tells apart, in their usual order: the stages, and in place of `restore` its steps. */
export const PARTS = [
  'locate',
  'plan',
  'provision',
  'fetch',
  'unpack',
  'verify-files',
  'load',
  'index',
  'replay',
  'seal',
  'verify',
] as const;
export type PartName = (typeof PARTS)[number];
export type PartTimes = Readonly<Partial<Record<PartName, number>>>;

/** Those that grow with the backup. */
const GROWING: ReadonlySet<PartName> = new Set<PartName>([
  'fetch',
  'unpack',
  'verify-files',
  'load',
  'index',
  'seal',
  'verify',
]);

/** @returns the part that a step of the restore is; undefined for one that is timed elsewhere. */
export function partOf(phase: PhaseName): PartName | undefined {
  if (phase === 'boot') return undefined;
  return phase === 'verify' ? 'verify-files' : phase; // `verify` is the stage of the checks
}

/**
 * What each part took in a run, in milliseconds, as it would be for a backup of this size. What the restore's other steps leave of its time is `fetch`,
 * because fetching may go on beside them.
 * @param sizeBytes undefined: not known yet; times are then as they were.
 */
export function partsOfRun(run: RunTiming, sizeBytes: number | undefined): PartTimes {
  const counted = run.stages.filter(({ name, outcome }) => run.counts.includes(name) && outcome !== 'skipped');
  const times = Object.fromEntries(counted.flatMap((stage) => partsOfStage(stage)));
  const scale = sizeBytes !== undefined && run.sizeBytes ? sizeBytes / run.sizeBytes : 1;
  return Object.fromEntries(
    PARTS.flatMap((part) => {
      const ms = times[part];
      return ms === undefined ? [] : [[part, GROWING.has(part) ? ms * scale : ms]];
    }),
  );
}

function partsOfStage({ name, durationMs, phases }: Pick<StageRecord, 'name' | 'durationMs' | 'phases'>): Entry[] {
  if (name !== 'restore') return isPart(name) ? [[name, durationMs]] : [];
  const steps = phases.flatMap(({ name: phase, durationMs: ms }: PhaseRecord): Entry[] => {
    const part = partOf(phase);
    return part === undefined || part === 'fetch' ? [] : [[part, ms]];
  });
  const rest = durationMs - steps.reduce((sum, [, ms]) => sum + ms, 0);
  return [['fetch', Math.max(0, rest)], ...steps];
}

type Entry = [part: PartName, ms: number];

function isPart(name: StageName): name is Extract<StageName, PartName> {
  return (PARTS as readonly string[]).includes(name);
}
