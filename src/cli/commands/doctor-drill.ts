import type { Drill } from '../../config/drill-file.ts';
import { listWords } from '../../config/fields.ts';
import type { DrillServices } from '../../run/contract.ts';
import { type Preview, previewDrill } from '../../run/preview.ts';
import { asDrillError, DrillError } from '../../support/errors.ts';
import { formatAge, formatBytes } from '../../support/quantities.ts';
import { nameBackup } from '../../support/vocabulary.ts';

/** Object stores refuse signatures when the clock is off by 15 minutes, and an hour of skew distorts every age shown. */
const SKEW_MS = 15 * 60_000;

/** Reads the keys that a drill names, and reports where they are; those of the recovery identity are not touched. */
export async function describeKeys(drill: Drill, services: DrillServices, signal: AbortSignal): Promise<string> {
  try {
    const keys = await services.keysOf(drill, { signal }).read();
    return `${drill.name}: read ${listWords(
      keys.map(({ name }) => name),
      'and',
    )}`;
  } catch (thrown) {
    const { code, message, hint } = asDrillError(thrown);
    throw new DrillError(code, `${drill.name}: ${message}`, hint === undefined ? {} : { hint });
  }
}

/** Checks credentials, source, backup, header, image and clock like a run of this drill would. Pulls and starts nothing. */
export function describeDrill(drill: Drill, services: DrillServices, signal: AbortSignal): Promise<string> {
  const use = async ({ plan, source, located, runtime }: Preview): Promise<string> => {
    const { backup } = located;
    const now = services.clock.now().getTime();
    checkClock(Math.max(...backup.objects.map(({ modifiedAt }) => modifiedAt.getTime())) - now);
    const server = { engine: plan.engine.type, major: plan.engine.major };
    const image = await runtime.findImage({ image: plan.image, server }, signal);
    const where = image ? image.name : `${plan.image} (not here yet: the first run pulls it)`;
    const age = formatAge(now - backup.takenAt.getTime());
    return `${nameBackup(backup.key)} (${formatBytes(backup.sizeBytes)}, ${age} old) from ${source.description}, ${where}`;
  };
  return previewDrill({ drill, runtime: undefined, signal, use }, services);
}

function checkClock(aheadMs: number): void {
  if (aheadMs <= SKEW_MS) return;
  throw new DrillError(
    'source-failed',
    `the newest object is dated ${formatAge(aheadMs)} ahead of this machine's clock`,
    {
      hint: 'Set the clock of this machine (NTP): ages of backups and signatures of requests depend on it.',
    },
  );
}
