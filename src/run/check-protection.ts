import type { BackupSource, StoredObject } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { judgeProtection } from '../judge/judge-protection.ts';
import type { ProtectionRecord } from '../record/run-record.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import type { ClaimedRun } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';
import { readAs } from './read-as.ts';

/**
 * Asks the store how it protects the chosen backup, where the drill wants to know, while the backup is restored: it takes no recovery time. With `probe`,
 * a marker object is deleted as the recovery identity would, where the drill has its credentials.
 * Never rejects: what went wrong is part of what is recorded, except when the run is cut short.
 */
export async function checkProtection(
  of: { readonly drill: Drill; readonly source: BackupSource; readonly objects: readonly StoredObject[] },
  { signal, facts, resources }: Pick<ClaimedRun, 'signal' | 'facts' | 'resources'>,
  services: DrillServices,
): Promise<void> {
  const { drill, source, objects } = of;
  const spec = drill.backup.immutable;
  if (!spec || !source.protection) return;
  try {
    const answers = await source.protection.ask(objects, signal);
    let probe: Parameters<typeof judgeProtection>[0]['probe'];
    if (spec.probe) {
      const hasCredentials = drill.backup.identity?.source !== undefined;
      const prober = hasCredentials
        ? resources.add(await services.openSource(readAs(drill, 'recovery').backup.source))
        : source;
      const [like] = answers.locks.known ? answers.locks.value : [];
      const found = await prober.protection?.probe(like, signal);
      probe = found && { found, principal: await prober.principal?.(signal) };
    }
    const protection = judgeProtection({ spec, objects, answers, probe, now: services.clock.now() });
    facts.emit({ type: 'protection-found', protection });
  } catch (thrown) {
    if (signal.aborted) return;
    const { message } = asDrillError(thrown);
    const failed = { known: false, why: 'failed', said: services.redact(message) } as const;
    const answers = { locks: failed, versioning: failed, expiry: failed, deniedByPolicy: failed };
    const protection = judgeProtection({ spec, objects, answers, probe: undefined, now: services.clock.now() });
    facts.emit({ type: 'protection-found', protection });
  }
}

/** @returns the error of a run whose drill wants to fail for a finding, when nothing could be found. */
export function explainUnproven(
  protection: ProtectionRecord | undefined,
  { place }: Pick<Drill, 'place'>,
): DrillError | undefined {
  if (protection?.onFinding !== 'fail') return undefined;
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
