import { createHash } from 'node:crypto';
import type { DeleteObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { DeletionProbe, ObjectLock } from '../../protection.ts';
import { readFailure } from './s3-failure.ts';
import type { S3Bucket } from './s3-protection.ts';

const MARKER = '.firedrill-deletion-probe';
/** Markers are not backups. */
export function isMarker({ key }: { readonly key: string }): boolean {
  return key === MARKER || key.endsWith(`/${MARKER}`);
}

const TEXT = 'Written by a Firedrill drill, to see whether the store refuses to delete it. It may be deleted.\n';
/** Long enough to tolerate a wrong clock; runs on the next day reuse the marker. */
const LOCK_MS = 86_400_000;
const MAX_MARKERS = 50;

interface Marker {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/**
 * Tries to delete a marker object. Markers that the store refused to delete in earlier runs are tried first, so that at most one locked marker exists; any
 * that can be deleted are. A new marker is written with the bucket's default protection, and then with the backup's.
 * @param like the backup's lock.
 */
export async function probeDeletion(
  to: S3Bucket,
  prefix: string,
  like: ObjectLock | undefined,
  signal: AbortSignal,
): Promise<DeletionProbe> {
  const marker = { Bucket: to.bucket, Key: `${prefix}${MARKER}` };
  try {
    for (const VersionId of await listMarkers(to, marker, signal)) {
      const said = await tryToDelete(to, { ...marker, VersionId }, {}, signal);
      if (said !== undefined) return await tryToBypass(to, { ...marker, VersionId }, said, signal);
    }
    return await probeNew(to, marker, like, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DrillError)) throw error;
    return { outcome: 'failed', said: toPrintable(error.message, 300) };
  }
}

async function probeNew(
  to: S3Bucket,
  marker: Marker,
  like: ObjectLock | undefined,
  signal: AbortSignal,
): Promise<DeletionProbe> {
  const written = await write(to, marker, {}, signal);
  if (written === undefined) return await probeUnwritten(to, marker, signal);
  const said = await tryToDelete(to, written, {}, signal);
  if (said !== undefined) return await tryToBypass(to, written, said, signal);
  if (!like?.mode) return { outcome: 'deleted', bypassed: false };
  // The backup job locks each backup itself; the bucket has no default lock for new objects.
  const lock = {
    ObjectLockMode: like.mode === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const),
    ObjectLockRetainUntilDate: new Date(Date.now() + LOCK_MS),
  };
  const locked = await write(to, marker, lock, signal);
  if (locked === undefined) return { outcome: 'allowed' };
  const refusal = await tryToDelete(to, locked, {}, signal);
  return refusal === undefined
    ? { outcome: 'deleted', bypassed: false }
    : await tryToBypass(to, locked, refusal, signal);
}

/** Without a marker, only the permission to delete can be tested, on a nonexistent version, which leaves no delete marker. */
async function probeUnwritten(to: S3Bucket, marker: Marker, signal: AbortSignal): Promise<DeletionProbe> {
  const said = await tryToDelete(to, { ...marker, VersionId: 'null' }, {}, signal);
  return said === undefined ? { outcome: 'allowed' } : { outcome: 'refused', written: false, said };
}

async function tryToBypass(to: S3Bucket, marker: Marker, said: string, signal: AbortSignal): Promise<DeletionProbe> {
  const refusal = await tryToDelete(to, marker, { BypassGovernanceRetention: true }, signal);
  return refusal === undefined ? { outcome: 'deleted', bypassed: true } : { outcome: 'refused', written: true, said };
}

/** @returns versions of earlier markers, newest first; empty if listing them is not permitted. */
async function listMarkers(
  { sdk, requests }: S3Bucket,
  { Bucket, Key }: Marker,
  signal: AbortSignal,
): Promise<string[]> {
  const command = new sdk.ListObjectVersionsCommand({ Bucket, Prefix: Key, MaxKeys: MAX_MARKERS });
  try {
    const { Versions = [] } = await requests.ask('ListObjectVersions', undefined, signal, (client, options) =>
      client.send(command, options),
    );
    return Versions.flatMap((one) => (one.Key === Key && one.VersionId !== undefined ? [one.VersionId] : []));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DrillError) return [];
    throw error;
  }
}

/** @returns undefined when the credentials may not write. */
async function write(
  { sdk, requests }: S3Bucket,
  { Bucket, Key }: Marker,
  lock: Partial<PutObjectCommandInput>,
  signal: AbortSignal,
): Promise<Marker | undefined> {
  // Stores require a digest for locked objects.
  const ContentMD5 = createHash('md5').update(TEXT).digest('base64');
  const command = new sdk.PutObjectCommand({ Bucket, Key, Body: TEXT, ContentMD5, ...lock });
  try {
    const { VersionId } = await requests.ask('PutObject', Key, signal, (client, options) =>
      client.send(command, options),
    );
    return { Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) };
  } catch (error) {
    if (refusalOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** @returns the store's message if it refused; undefined if the object was deleted. */
async function tryToDelete(
  { sdk, requests }: S3Bucket,
  marker: Marker,
  how: Partial<DeleteObjectCommandInput>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const command = new sdk.DeleteObjectCommand({ ...marker, ...how });
  try {
    await requests.ask('DeleteObject', marker.Key, signal, (client, options) => client.send(command, options));
    return undefined;
  } catch (error) {
    const said = refusalOf(error);
    if (said !== undefined) return said;
    throw error;
  }
}

/** MinIO answers 400 for a locked object, others 403. A caller with unknown credentials was refused as such; that says nothing about deletion. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof DrillError)) return undefined;
  const { name, status, message } = readFailure(error.cause);
  const isRefusal = (status === 403 && /Denied|Locked|Forbidden/i.test(name)) || /\bWORM\b|object lock/i.test(message);
  return isRefusal ? toPrintable(`${name}: ${message}`, 200) : undefined;
}
