import { matchOf } from './backup-files.ts';
import { type DamagedCase, damageBackup } from './corpus.ts';
import { type DrillOutcome, type DrillSpec, drillBackup, putFiles } from './drill-backup.ts';
import { judgeDamaged, type Ruling, verdictOnBytes } from './judge-damaged.ts';
import type { Restored } from './servers/real-server.ts';
import type { Servers, WholeBackup } from './servers/servers.ts';

export interface DamagedResult {
  readonly ruling: Ruling;
  readonly verdict: string;
  readonly restored: Restored;
  readonly outcome: DrillOutcome;
  /** Firedrill's outcome in one line. */
  readonly said: string;
}

/**
 * Damages a backup, restores it with the real tool and with Firedrill, and compares the results. @returns undefined if the damage found
 * nothing to change.
 */
export async function runDamaged(
  servers: Servers,
  damagedCase: DamagedCase,
  runtime: 'docker' | 'local',
): Promise<DamagedResult | undefined> {
  const { recipe, damage } = damagedCase;
  const whole = await servers.whole(recipe);
  if (whole.restored.fingerprint === undefined)
    throw new Error(`${recipe.name} does not restore: ${whole.restored.complaint}`);
  const files = damageBackup(damagedCase, whole.files);
  if (!files) return undefined;
  const restored = await servers.restore(whole, files);
  const outcome = await drillBackup(putFiles(files), drillOf(whole, runtime));
  const ruling = judgeDamaged({ damage, recipe, whole: whole.restored.fingerprint, restored }, outcome);
  return { ruling, verdict: verdictOnBytes(outcome), restored, outcome, said: said(outcome) };
}

/** A drill whose only check compares everything restored with what the real tool restores from the intact backup. */
export function drillOf(
  { recipe, restored, files, fingerprintSql }: WholeBackup,
  runtime: 'docker' | 'local',
): DrillSpec {
  const { product, version, database, hasCompletionLine } = recipe;
  return {
    match: matchOf(files),
    engine: {
      type: product,
      version,
      ...(database === undefined ? {} : { database }),
    },
    ...(hasCompletionLine ? {} : { restore: { completionLine: 'optional' } }),
    checks: [
      { name: 'everything is as it was', sql: fingerprintSql, expect: { equals: restored.fingerprint ?? 'nothing' } },
    ],
    runtime,
  };
}

export function said({ run, printed }: DrillOutcome): string {
  if (!run) return printed.trim().slice(0, 300);
  const code = run.error ? `[${run.error.code}] ${run.error.message}` : '';
  const reasons = run.reasons.map(({ sentence }) => sentence).filter((sentence) => sentence !== run.error?.message);
  return [code, ...reasons, ...run.warnings.map((text) => `warning: ${text}`)]
    .filter(Boolean)
    .join(' / ')
    .slice(0, 500);
}
