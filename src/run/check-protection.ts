import type { ProtectionAnswers } from '../backup/protection.ts';
import type { BackupSource, StoredObject } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { judgeProtection } from '../judge/judge-protection.ts';
import type { ProtectionRecord } from '../record/run-record.ts';
import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import type { ClaimedRun } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';
import { readAs } from './read-as.ts';

/** A run that has failed for another reason waits no longer than this for the store's answers. */
const LIMIT_MS = 120_000;

/**
 * Asks the store how it protects the chosen backup, if the drill wants to know. This happens during the restore, so it adds no recovery time. With `probe`,
 * tries to delete a marker object as the recovery identity, if the drill has its credentials. Never rejects, except when the run is cut short: errors are part
 * of what is recorded.
 */
export async function checkProtection(
  of: { readonly drill: Drill; readonly source: BackupSource; readonly objects: readonly StoredObject[] },
  { signal, facts, resources }: Pick<ClaimedRun, 'signal' | 'facts' | 'resources'>,
  services: Pick<DrillServices, 'openSource' | 'redact' | 'clock'>,
): Promise<void> {
  const { drill, source, objects } = of;
  const spec = drill.backup.immutable;
  if (!spec || !source.protection) return;
  using limit = limitTime(
    LIMIT_MS,
    () => new Error(`the store did not answer within ${formatDuration(LIMIT_MS)}`),
    signal,
  );
  const said = (thrown: unknown) => services.redact(thrown instanceof Error ? thrown.message : String(thrown));
  const answers = await source.protection.ask(objects, limit.signal).catch((thrown: unknown): ProtectionAnswers => {
    const failed = { known: false, why: 'failed', said: said(thrown) } as const;
    return { locks: failed, versioning: failed, expiry: failed, deniedByPolicy: failed };
  });
  const [like] = answers.locks.known ? answers.locks.value : [];
  const probing = async () => {
    const prober = await openProber(drill, source, resources, services);
    const found = await prober.protection?.probe(like, limit.signal);
    return found && { found, principal: await prober.principal?.(limit.signal) };
  };
  const probe = spec.probe
    ? await probing().catch((thrown: unknown) => {
        return { found: { outcome: 'failed', said: said(thrown) } as const, principal: undefined };
      })
    : undefined;
  if (signal.aborted) return;
  const protection = judgeProtection({ spec, objects, answers, probe, now: services.clock.now() });
  facts.emit({ type: 'protection-found', protection });
}

/** The recovery identity may differ from the one this run reads with. */
async function openProber(
  drill: Drill,
  source: BackupSource,
  resources: ClaimedRun['resources'],
  services: Pick<DrillServices, 'openSource'>,
): Promise<BackupSource> {
  if (drill.backup.identity?.source === undefined) return source;
  return resources.add(await services.openSource(readAs(drill, 'recovery').backup.source));
}

/** @returns the error that ends a run whose drill fails on findings, when nothing could be found out. */
export function explainUnproven(
  protection: ProtectionRecord | undefined,
  { place, backup }: Pick<Drill, 'place' | 'backup'>,
): DrillError | undefined {
  if (backup.immutable?.onFinding !== 'fail' || protection?.answer === 'protected') return undefined;
  if (!protection) return new DrillError('protection-unknown', 'the store was not asked how it protects the backup');
  const said = protection.findings.join('; ');
  if (protection.answer === 'unsupported')
    return new DrillError('protection-unsupported', `the backup cannot be proven protected from deletion: ${said}`, {
      hint: `Keep a copy in a store with object locks, or take \`backup.immutable\` out of ${place.file}.`,
    });
  if (protection.answer !== 'unknown') return undefined;
  return new DrillError('protection-unknown', `the backup is not proven protected from deletion: ${said}`, {
    hint: 'Allow s3:GetBucketObjectLockConfiguration, s3:GetObjectRetention and s3:GetObjectLegalHold for the credentials in use.',
  });
}
