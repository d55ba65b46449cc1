import type * as S3 from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { ObjectLock, ProtectionAnswers, StoreAnswer } from '../../protection.ts';
import type { StoredObject } from '../../source.ts';
import { readFailure } from './s3-failure.ts';
import { deniesDeletion, rulesThatExpire } from './s3-policies.ts';
import type { S3Requests } from './s3-requests.ts';

export interface S3Bucket {
  readonly sdk: typeof S3;
  readonly requests: S3Requests;
  readonly bucket: string;
}

const PARALLEL = 8;
const NO_LOCK: ObjectLock = { mode: undefined, until: undefined, legalHold: false };

/** Error codes that mean "supported, but not set". The second is S3's for an object, the first radosgw's. */
const NOT_SET = new Set([
  'ObjectLockConfigurationNotFoundError',
  'NoSuchObjectLockConfiguration',
  'NoSuchLifecycleConfiguration',
  'NoSuchBucketPolicy',
]);
const UNSUPPORTED = new Set(['NotImplemented', 'MethodNotAllowed', 'UnsupportedOperation']);

/** Queries an S3 store for how objects are protected. Requests and errors: the S3 API reference, "Actions" and "Error responses". */
export async function askProtection(
  { sdk, requests, bucket: Bucket }: S3Bucket,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<ProtectionAnswers> {
  const [versioning, expiry, deniedByPolicy, locks] = await Promise.all([
    answer(signal, async () => {
      const command = new sdk.GetBucketVersioningCommand({ Bucket });
      const { Status } = await requests.ask('GetBucketVersioning', undefined, signal, (client, options) =>
        client.send(command, options),
      );
      return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off';
    }),
    answer(signal, async () => {
      const command = new sdk.GetBucketLifecycleConfigurationCommand({ Bucket });
      const asked = requests.ask('GetBucketLifecycleConfiguration', undefined, signal, (client, options) =>
        client.send(command, options),
      );
      return rulesThatExpire((await unlessNotSet(asked))?.Rules ?? [], objects);
    }),
    answer(signal, async () => {
      const command = new sdk.GetBucketPolicyCommand({ Bucket });
      const asked = requests.ask('GetBucketPolicy', undefined, signal, (client, options) =>
        client.send(command, options),
      );
      return deniesDeletion((await unlessNotSet(asked))?.Policy, Bucket, objects);
    }),
    answer(signal, () => readLocks({ sdk, requests, bucket: Bucket }, objects, signal)),
  ]);
  return { locks, versioning, expiry, deniedByPolicy };
}

/** Queries the bucket first: a store without lock support may treat a lock query for an object as a read of it. */
async function readLocks(
  { sdk, requests, bucket: Bucket }: S3Bucket,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly ObjectLock[]> {
  const command = new sdk.GetObjectLockConfigurationCommand({ Bucket });
  try {
    const { ObjectLockConfiguration } = await requests.ask(
      'GetObjectLockConfiguration',
      undefined,
      signal,
      (client, options) => client.send(command, options),
    );
    // A bucket without locks answers with an error.
    if (ObjectLockConfiguration?.ObjectLockEnabled !== 'Enabled')
      throw new Unsupported('an answer without ObjectLockEnabled');
  } catch (error) {
    if (isNotSet(error)) return objects.map(() => NO_LOCK);
    if (whyNot(error) !== 'denied') throw error; // the objects may be asked all the same
  }
  const locks: ObjectLock[] = [];
  for (let from = 0; from < objects.length; from += PARALLEL) {
    const some = objects.slice(from, from + PARALLEL);
    locks.push(
      ...(await Promise.all(
        some.map((one) => readLock({ sdk, requests, bucket: Bucket }, one, objects.length === 1, signal)),
      )),
    );
  }
  return locks;
}

/** For a backup of many objects, the legal hold is queried only where there is no retention, since it doubles the requests. */
async function readLock(
  { sdk, requests, bucket: Bucket }: S3Bucket,
  { key: Key, versionId: VersionId }: StoredObject,
  isOnly: boolean,
  signal: AbortSignal,
): Promise<ObjectLock> {
  const at = { Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) };
  const asked = requests.ask('GetObjectRetention', Key, signal, (client, options) =>
    client.send(new sdk.GetObjectRetentionCommand(at), options),
  );
  const retention = (await unlessNotSet(asked))?.Retention;
  const mode = retention?.Mode === 'COMPLIANCE' ? 'compliance' : retention?.Mode && ('governance' as const);
  if (mode !== undefined && !isOnly) return { mode, until: retention?.RetainUntilDate, legalHold: false };
  const held = requests.ask('GetObjectLegalHold', Key, signal, (client, options) =>
    client.send(new sdk.GetObjectLegalHoldCommand(at), options),
  );
  // If querying the hold is not permitted, the retention is still valid.
  const hold = await answer(signal, async () => (await unlessNotSet(held))?.LegalHold?.Status);
  return { mode, until: retention?.RetainUntilDate, legalHold: hold.known && hold.value === 'ON' };
}

/** The store ignores queries that it does not support. */
class Unsupported extends Error {}

async function answer<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<StoreAnswer<T>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    signal.throwIfAborted();
    const said =
      error instanceof DrillError || error instanceof Unsupported ? error.message : 'an answer that cannot be read';
    return { known: false, why: whyNot(error), said: toPrintable(said, 300) };
  }
}

function whyNot(error: unknown): 'unsupported' | 'denied' | 'failed' {
  if (error instanceof Unsupported) return 'unsupported';
  const { name, status } = failureOf(error);
  if (status === 501 || status === 405 || UNSUPPORTED.has(name)) return 'unsupported';
  return status === 403 || status === 401 ? 'denied' : 'failed';
}

async function unlessNotSet<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isNotSet(error)) return undefined;
    throw error;
  }
}

function isNotSet(error: unknown): boolean {
  const { name, message } = failureOf(error);
  return NOT_SET.has(name) || (name === 'InvalidRequest' && /object lock/i.test(message));
}

function failureOf(error: unknown) {
  return readFailure(error instanceof DrillError ? error.cause : error);
}
