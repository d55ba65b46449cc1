import type { PhaseRecord, StageRecord } from '../../record/run-record.ts';
import type { RunTiming } from '../../record/store.ts';
import type { PhaseName, StageName } from '../../support/vocabulary.ts';

/** The parts of a recovery that a prediction distinguishes, in their usual order: the stages, with `restore` replaced by its steps. */
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

/** Parts whose time grows with the backup. */
const GROWING: ReadonlySet<PartName> = new Set<PartName>([
  'fetch',
  'unpack',
  'verify-files',
  'load',
  'index',
  'seal',
  'verify',
]);

/** @returns the part that a restore step belongs to; undefined for a step that is timed elsewhere. */
export function partOf(phase: PhaseName): PartName | undefined {
  if (phase === 'boot' || phase === 'amcheck' || phase === 'checksums') return undefined;
  return phase === 'verify' ? 'verify-files' : phase; // `verify` is the stage of the checks
}

/**
 * How long each part took in a run, in milliseconds, scaled to a backup of this size. Restore time that no other step accounts for is `fetch`, because fetching
 * may overlap with them.
 * @param sizeBytes undefined: not known yet; times are then not scaled.
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
