import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { DrillServices } from '../drill.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Baseline } from '../record/store.ts';
import type { RuntimeName } from '../support/words.ts';
import type { Located } from './locate.ts';

/** What `firedrill run` will do and `firedrill plan` shows: the same decision in the same place. */
export function planDrill(
  drill: Drill,
  source: BackupSource,
  located: Located,
  runtime: RuntimeName,
  baseline: Baseline | undefined,
  services: Pick<DrillServices, 'engineOf' | 'images' | 'clock'>,
): Plan {
  const engine = services.engineOf(drill.engine.type);
  return makePlan({
    drill,
    source: source.description,
    backup: located.backup,
    facts: located.engineBackup.facts,
    imageName: (version) => engine.imageFor(version),
    images: services.images,
    runtime,
    baseline,
    now: services.clock.now(),
  });
}
