import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  type ObjectLockRetentionMode,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import type { DeletionProbe, ObjectLock, ProtectionAnswers } from '../../../../src/backup/protection.ts';
import { listAll, must, never } from '../../../contracts/source-contract.ts';
import { type ObjectStore, s3Spec } from '../../../support/object-store.ts';

const DAY_MS = 86_400_000;

/** Object locks, and attempts to delete what they protect, in a real store. */
export function describeProtection(store: () => ObjectStore): void {
  const client = () => store().client;

  async function lockedBucket(Bucket: string, mode: ObjectLockRetentionMode | undefined): Promise<void> {
    await client().send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    if (!mode) return;
    const Rule = { DefaultRetention: { Mode: mode, Days: 30 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await client().send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  }

  async function inspect(bucket: string): Promise<{ answers: ProtectionAnswers; probe: DeletionProbe }> {
    const source = await openS3Source(s3Spec(store(), bucket, { prefix: 'orders/' }));
    const protection = must(source.protection);
    const objects = await listAll(source);
    const answers = await protection.ask(objects, never());
    const like = answers.locks.known ? answers.locks.value[0] : undefined;
    const probe = await protection.probe(like, never());
    source.close();
    return { answers, probe };
  }

  const lockOf = ({ locks }: ProtectionAnswers): ObjectLock => must(locks.known ? locks.value[0] : undefined);
  const versionsOf = async (Bucket: string) =>
    (await store().client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'orders/.firedrill' }))).Versions ?? [];

  describe('the protection of backups', () => {
    it('by the default of their bucket is reported, and holds; the marker is reused', async () => {
      await lockedBucket('locked-by-default', 'COMPLIANCE');
      await store().put('locked-by-default', 'orders/a.dump', 'x');
      const { answers, probe } = await inspect('locked-by-default');
      expect(answers).toMatchObject({
        versioning: { known: true, value: 'enabled' },
        expiry: { known: true, value: [] },
        deniedByPolicy: { known: true, value: false },
      });
      const { mode, until, legalHold } = lockOf(answers);
      expect({ mode, legalHold }).toEqual({ mode: 'compliance', legalHold: false });
      expect(Math.abs(must(until).getTime() - Date.now() - 30 * DAY_MS)).toBeLessThan(120_000);
      expect(probe).toMatchObject({ outcome: 'refused', written: true });
      expect((await inspect('locked-by-default')).probe).toMatchObject({ outcome: 'refused', written: true });
      expect(await versionsOf('locked-by-default')).toHaveLength(1);
    });

    it('in governance mode can be lifted by the owner, as the probe shows without leaving anything behind', async () => {
      await lockedBucket('governed', 'GOVERNANCE');
      await store().put('governed', 'orders/a.dump', 'x');
      const { answers, probe } = await inspect('governed');
      expect(lockOf(answers).mode).toBe('governance');
      expect(probe).toEqual({ outcome: 'deleted', bypassed: true });
      expect(await versionsOf('governed')).toEqual([]);
    });

    it('set by the job on each backup is tested with a marker of the same kind', async () => {
      await lockedBucket('locked-by-job', undefined);
      const ObjectLockRetainUntilDate = new Date(Date.now() + 2 * DAY_MS);
      const object = { Bucket: 'locked-by-job', Key: 'orders/a.dump', Body: 'x' };
      const ContentMD5 = createHash('md5').update('x').digest('base64');
      await client().send(
        new PutObjectCommand({ ...object, ContentMD5, ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate }),
      );
      const { answers, probe } = await inspect('locked-by-job');
      expect(lockOf(answers).until?.getTime()).toBeCloseTo(ObjectLockRetainUntilDate.getTime(), -4);
      expect(probe).toMatchObject({ outcome: 'refused', written: true });
      expect(await versionsOf('locked-by-job')).toHaveLength(1);
    });

    it('is absent in a bucket with locks where nothing is locked, except for a legal hold', async () => {
      await lockedBucket('not-locked', undefined);
      await store().put('not-locked', 'orders/a.dump', 'x');
      const { answers, probe } = await inspect('not-locked');
      expect(lockOf(answers)).toEqual({ mode: undefined, until: undefined, legalHold: false });
      expect(probe).toEqual({ outcome: 'deleted', bypassed: false });
      const held = { Bucket: 'not-locked', Key: 'orders/a.dump', LegalHold: { Status: 'ON' as const } };
      await client().send(new PutObjectLegalHoldCommand(held));
      expect(lockOf((await inspect('not-locked')).answers).legalHold).toBe(true);
      await client().send(new PutObjectLegalHoldCommand({ ...held, LegalHold: { Status: 'OFF' } }));
    });

    it('is absent in a plain bucket, whose lifecycle rules and suspended versioning are reported', async () => {
      await store().createBucket('plain-lock');
      await store().put('plain-lock', 'orders/a.dump', 'x');
      const Versioned = { Bucket: 'plain-lock', VersioningConfiguration: { Status: 'Enabled' as const } };
      await client().send(new PutBucketVersioningCommand(Versioned));
      await client().send(
        new PutBucketVersioningCommand({ ...Versioned, VersioningConfiguration: { Status: 'Suspended' } }),
      );
      const Rules = [
        { ID: 'tidy', Status: 'Enabled' as const, Filter: { Prefix: 'orders/' }, Expiration: { Days: 7 } },
      ];
      const LifecycleConfiguration = { Rules };
      await client().send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'plain-lock', LifecycleConfiguration }));
      const { answers, probe } = await inspect('plain-lock');
      expect(answers).toMatchObject({
        locks: { known: true, value: [{ mode: undefined }] },
        versioning: { known: true, value: 'suspended' },
        expiry: { known: true, value: [{ name: 'tidy', afterMs: 7 * DAY_MS }] },
      });
      expect(probe).toEqual({ outcome: 'deleted', bypassed: false });
      expect(await versionsOf('plain-lock')).toEqual([]);
    });

    it('by a policy that denies deletion is reported, and the refusal is observed', async () => {
      await store().createBucket('policed');
      await store().put('policed', 'orders/a.dump', 'x');
      const statement = (Action: readonly string[]) => ({
        Effect: 'Deny',
        Principal: '*',
        Action,
        Resource: 'arn:aws:s3:::policed/*',
      });
      const policy = (...actions: readonly string[]) =>
        client().send(
          new PutBucketPolicyCommand({
            Bucket: 'policed',
            Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement(actions)] }),
          }),
        );
      await policy('s3:DeleteObject', 's3:DeleteObjectVersion');
      const { answers, probe } = await inspect('policed');
      expect(answers.deniedByPolicy).toEqual({ known: true, value: true });
      expect(probe).toMatchObject({ outcome: 'refused', written: true });
      await policy('s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion');
      expect((await inspect('policed')).probe).toMatchObject({ outcome: 'refused' });
    });
  });
}
