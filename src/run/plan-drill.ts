import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Baseline } from '../record/store.ts';
import { describePrograms } from '../sandbox/registry.ts';
import type { DrillServices } from './contract.ts';
import type { Located } from './locate.ts';

/** Decides what `firedrill run` does and `firedrill plan` shows, so that both agree. */
export function planDrill(
  given: {
    readonly drill: Drill;
    readonly source: BackupSource;
    readonly located: Located;
    readonly engine: Engine;
    readonly runtime: string;
    readonly baseline: Baseline | undefined;
  },
  services: Pick<DrillServices, 'images' | 'clock'>,
): Plan {
  const { drill, source, located, engine, runtime, baseline } = given;
  return makePlan({
    drill,
    source: source.description,
    backup: located.backup,
    choice: { selection: located.selection, newestTakenAt: located.newestTakenAt },
    facts: located.openBackup.facts,
    needs: located.openBackup.needs,
    imageName: (version) => engine.imageFor(version),
    images: services.images,
    runtime,
    describePrograms,
    baseline,
    now: services.clock.now(),
  });
}
