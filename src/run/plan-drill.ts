import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { describeRecover } from '../config/recovery-target.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { IdentityRecord } from '../record/run-record.ts';
import type { Baseline } from '../record/store.ts';
import { describePrograms } from '../sandbox/registry.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { DrillError } from '../support/errors.ts';
import type { ReadingShare } from '../support/reading.ts';
import { imagesOf } from '../verify/check-traits.ts';
import type { DrillServices, StageContext } from './contract.ts';
import type { Located } from './locate.ts';
import { findImage, type ImageFound } from './pull-image.ts';

export interface PlanInput {
  readonly drill: Drill;
  readonly source: BackupSource;
  readonly located: Located;
  readonly engine: Engine;
  readonly runtime: SandboxRuntime;
  readonly baseline: Baseline | undefined;
  /** Whose keys and credentials the backup was opened with. */
  readonly identity: IdentityRecord | undefined;
  /** This installation's image names, which replace public ones. */
  readonly images: DrillServices['images'];
  /** How fast the run may read; undefined: no limit. */
  readonly share: ReadingShare | undefined;
}

export interface PlanStageInput extends Omit<PlanInput, 'runtime'> {
  /** The search for a runtime, which goes on while the backup is located. */
  readonly runtimeFound: Promise<SandboxRuntime>;
}

export interface Planned {
  readonly runtime: SandboxRuntime;
  readonly plan: Plan;
  /** The plan's image if present locally; undefined when it has to be pulled. */
  readonly found: ImageFound | undefined;
}

/** Decides everything before anything is created, warns about anything doubtful, and checks whether the image is present locally. */
export async function decidePlan({ runtimeFound, ...input }: PlanStageInput, ctx: StageContext): Promise<Planned> {
  const runtime = await runtimeFound;
  requireApplications(input.drill, runtime);
  const plan = planDrill({ ...input, runtime }, ctx.clock.now());
  ctx.emit({ type: 'planned', plan });
  for (const message of plan.warnings) ctx.emit({ type: 'warning', message });
  return { runtime, plan, found: await findImage({ plan, runtime }, ctx) };
}

/** @throws DrillError `sandbox-refused` before anything is restored, when a check starts an application and this runtime cannot. */
function requireApplications({ checks, place }: Drill, { name, runsApplications = false }: SandboxRuntime): void {
  const starting = checks.find((check) => imagesOf(check).length > 0);
  if (runsApplications || !starting) return;
  const message = `check '${starting.name}' starts an application in a container, which the ${name} runtime cannot`;
  throw new DrillError('sandbox-refused', message, {
    hint: `Set \`sandbox.runtime: docker\` in ${place.file}, or take the check out.`,
  });
}

/** Decides what `firedrill run` does and `firedrill plan` shows, so that the two always agree. */
export function planDrill(input: PlanInput, now: Date): Plan {
  const { drill, source, located, engine, runtime, baseline, identity, images, share } = input;
  const { replaysLog = false, bringsLog = false, isLogical = false, logHint } = located.openBackup;
  const hasLog = bringsLog || drill.backup.log !== undefined;
  return makePlan({
    drill,
    source: source.description,
    backup: located.backup,
    choice: { selection: located.selection, newestTakenAt: located.newestTakenAt },
    facts: located.openBackup.facts,
    needs: located.openBackup.needs,
    recoverTo: replaysLog && (hasLog || !isLogical || drill.recover) ? describeRecover(drill, hasLog) : undefined,
    replaysLog,
    logHint,
    hasLog,
    imageName: (version) => engine.imageFor(version),
    checkImages: [...new Set(drill.checks.flatMap(imagesOf))],
    images,
    runtime: runtime.name,
    describePrograms,
    reading: located.reading,
    checksumFiles: located.checksums.files,
    share,
    baseline,
    identity,
    now,
  });
}
