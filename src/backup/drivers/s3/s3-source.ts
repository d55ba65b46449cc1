import type { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import { untilAborted } from '../../../support/until-aborted.ts';
import type { ProtectionInspector } from '../../protection.ts';
import { ReadAttempts, resumingBody } from '../../reading/resuming-body.ts';
import type { BackupSource, ReadRange, StoredObject, StoredVersion } from '../../source.ts';
import type { SourceContext } from '../../source-driver.ts';
import type { ReusingAgent } from './s3-agent.ts';
import { checkArchived, mayBeArchived } from './s3-archive.ts';
import { S3Attempts } from './s3-attempts.ts';
import { makeS3Client } from './s3-client.ts';
import { CustomerKey, explainCustomerKey, wrongCustomerKey } from './s3-customer-key.ts';
import { isMarker, probeDeletion } from './s3-deletion-probe.ts';
import { readFailure } from './s3-failure.ts';
import { ListingReader } from './s3-listing.ts';
import { askProtection } from './s3-protection.ts';
import { type Answer, nameEndpoint, reasonOf, type S3Deps, S3Requests, SYSTEM_S3_DEPS } from './s3-requests.ts';
import { describeBucket, type S3Spec } from './s3-spec.ts';
import { VersionListing } from './s3-versions.ts';

/**
 * Backups in any S3-compatible store. The SDK is loaded here, not at import, so that drills from a directory do not pay for it.
 * @param context `readKey` reads the SSE-C key.
 */
export async function openS3Source(
  spec: S3Spec,
  deps: S3Deps = SYSTEM_S3_DEPS,
  { readKey = refuseKey, onRequest = () => undefined }: Partial<SourceContext> = {},
): Promise<BackupSource> {
  const sdk = await import('@aws-sdk/client-s3');
  const { client, region, agent } = await makeS3Client(sdk, spec, { clock: deps.clock, onRequest }, deps.idleMs);
  const attempts = new S3Attempts(nameEndpoint(spec.endpoint, region), deps.clock, onRequest);
  return new S3Source(
    { sdk, client, agent, requests: new S3Requests(client, spec, region, deps, attempts) },
    spec,
    readKey,
    deps,
  );
}

async function refuseKey(): Promise<never> {
  throw new DrillError('key-missing', 'no key can be read here');
}

interface Connection {
  readonly sdk: typeof S3;
  readonly client: S3.S3Client;
  readonly agent: ReusingAgent;
  readonly requests: S3Requests;
}

class S3Source implements BackupSource {
  readonly description: string;
  readonly prefix: string;
  readonly protection: ProtectionInspector;
  readonly #sdk: typeof S3;
  readonly #client: S3.S3Client;
  readonly #requests: S3Requests;
  readonly #spec: S3Spec;
  readonly #deps: S3Deps;
  readonly #agent: ReusingAgent;
  readonly #customerKey: CustomerKey;
  readonly #payer: { RequestPayer?: 'requester' };
  /** Keys of objects that were stored without the customer's key although the drill names one. */
  readonly #plain = new Set<string>();

  constructor(to: Connection, spec: S3Spec, readKey: SourceContext['readKey'], deps: S3Deps) {
    this.#agent = to.agent;
    this.#sdk = to.sdk;
    this.#client = to.client;
    this.#requests = to.requests;
    this.#spec = spec;
    this.#deps = deps;
    this.#customerKey = new CustomerKey(spec.sseCustomerKey, readKey);
    this.#payer = spec.requestPayer === true ? { RequestPayer: 'requester' } : {};
    this.prefix = spec.prefix;
    this.description = describeBucket(spec);
    const bucket = { sdk: to.sdk, requests: to.requests, bucket: spec.bucket };
    this.protection = {
      ask: (objects, signal) => askProtection(bucket, objects, signal),
      probe: (like, signal) => probeDeletion(bucket, spec.prefix, like, signal),
    };
  }

  list(signal: AbortSignal): AsyncGenerator<StoredObject> {
    return this.#list(undefined, signal);
  }

  listAfter(key: string, signal: AbortSignal): AsyncGenerator<StoredObject> {
    return this.#list(key, signal);
  }

  async *#list(after: string | undefined, signal: AbortSignal): AsyncGenerator<StoredObject> {
    const listing = new ListingReader(`${this.#spec.endpoint ?? 'S3'} for ${this.#spec.bucket}`, this.prefix);
    do {
      const command = new this.#sdk.ListObjectsV2Command({
        Bucket: this.#spec.bucket,
        Prefix: this.prefix,
        ...(listing.token === undefined ? { StartAfter: after } : { ContinuationToken: listing.token }),
        ...this.#payer,
      });
      const page = listing.read(
        await this.#requests.ask('ListObjectsV2', undefined, signal, (client, options) =>
          client.send(command, options),
        ),
      );
      yield* page.filter((one) => !isMarker(one));
    } while (listing.token !== undefined);
  }

  async *listVersions(signal: AbortSignal): AsyncGenerator<StoredVersion> {
    const listing = new VersionListing(`${this.#spec.endpoint ?? 'S3'} for ${this.#spec.bucket}`, this.prefix);
    do {
      const command = new this.#sdk.ListObjectVersionsCommand({
        Bucket: this.#spec.bucket,
        Prefix: this.prefix,
        ...listing.next,
        ...this.#payer,
      });
      const page = listing.read(
        await this.#requests.ask('ListObjectVersions', undefined, signal, (client, options) =>
          client.send(command, options),
        ),
      );
      yield* page.filter((one) => !isMarker(one));
    } while (listing.next !== undefined);
  }

  async checkReadable(objects: readonly StoredObject[], signal: AbortSignal): Promise<readonly string[]> {
    const warnings: string[] = [];
    for (const object of objects.filter(({ storageClass }) => mayBeArchived(storageClass))) {
      const fields = await this.#customerKey.fields(signal);
      const command = (key: typeof fields) => new this.#sdk.HeadObjectCommand({ ...this.#at(object), ...key });
      const state = await this.#requests.ask('HeadObject', object.key, signal, (client, options) =>
        client.send(command(fields), options).catch((error: unknown) => {
          // A HEAD response has no body that could say that the object was stored without the key.
          if (!fields.SSECustomerKey || readFailure(error).status !== 400) throw error;
          return client.send(command({}), options);
        }),
      );
      warnings.push(...(checkArchived({ bucket: this.#spec.bucket, key: object.key }, state) ?? []));
    }
    return warnings;
  }

  async readTags(object: StoredObject, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const command = new this.#sdk.GetObjectTaggingCommand(this.#at(object));
    const { TagSet } = await this.#requests.ask('GetObjectTagging', object.key, signal, (client, options) =>
      client.send(command, options),
    );
    return Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  }

  async read(object: StoredObject, range: ReadRange, signal: AbortSignal): Promise<Readable> {
    const budget = new ReadAttempts(range);
    const open = async (start: number, cause: Error | undefined): Promise<Readable> => {
      budget.resume(start, cause);
      if (cause) this.#requests.bodyEnded(budget, cause);
      if (cause) await this.#requests.waitOrGiveUp(cause, 'GetObject', object.key, budget.attempts, signal);
      const send = (_: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
        this.#get(object, start, range.end, abortSignal);
      return this.#requests.ask('GetObject', object.key, signal, send, budget);
    };
    const body = resumingBody(await open(range.start, undefined), range, {
      open,
      stallMs: this.#deps.stallMs,
      isReused: (chunk) => this.#agent.isReused(chunk),
    });
    const onAbort = () => body.destroy(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    body.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      this.#requests.bodyEnded(budget, undefined);
    });
    if (signal.aborted) onAbort();
    return body;
  }

  async principal(signal: AbortSignal): Promise<string | undefined> {
    const { role } = this.#spec;
    if (role) return `role ${role.arn}`;
    const credentials = await untilAborted(this.#client.config.credentials(), signal).catch(() => undefined);
    signal.throwIfAborted();
    return credentials && `access key …${credentials.accessKeyId.slice(-4)}`;
  }

  requestCount(): number {
    return this.#requests.sent;
  }

  close(): void {
    this.#client.destroy();
  }

  #at({ key, versionId }: StoredObject) {
    const version = versionId === undefined ? {} : { VersionId: versionId };
    return { Bucket: this.#spec.bucket, Key: key, ...version, ...this.#payer };
  }

  async #get(object: StoredObject, start: number, end: number, signal: AbortSignal): Promise<Answer<Readable>> {
    const answer = await this.#send(object, `bytes=${start}-${end - 1}`, signal);
    const body = answer.Body as Readable | undefined;
    if (!body) throw new Error('the answer has no body');
    const wanted = `bytes ${start}-${end - 1}/${object.sizeBytes}`;
    const change = describeChange(object, answer);
    if (change !== undefined) {
      body.on('error', () => undefined).destroy();
      throw new DrillError('backup-changed', `${object.key} was replaced since it was listed: ${change}`, {
        hint: 'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.',
      });
    }
    if (answer.ContentRange !== wanted) {
      body.on('error', () => undefined).destroy();
      throw new DrillError(
        'source-failed',
        `${object.key}: asked for ${wanted}, got ${answer.ContentRange ?? 'the whole'}`,
        {
          hint: 'This store does not serve byte ranges as S3 does, or a proxy in between changes its answers.',
        },
      );
    }
    return Object.assign(body, { $metadata: answer.$metadata });
  }

  /** Objects stored without the customer's key are read without it; a refusal that may be about the key is investigated. */
  async #send(object: StoredObject, range: string, abortSignal: AbortSignal): Promise<S3.GetObjectCommandOutput> {
    const fields = this.#plain.has(object.key) ? {} : await this.#customerKey.fields(abortSignal);
    const get = (key: typeof fields, Range: string) =>
      this.#client.send(new this.#sdk.GetObjectCommand({ ...this.#at(object), Range, IfMatch: object.etag, ...key }), {
        abortSignal,
      });
    try {
      return await get(fields, range);
    } catch (error) {
      if (!fields.SSECustomerKey) throw error;
      const problem = explainCustomerKey(error);
      if (problem === 'not-applicable') {
        this.#plain.add(object.key);
        return await get({}, range);
      }
      if (problem !== undefined || readFailure(error).status !== 403) throw error;
      // Some stores report a wrong key as access denied, but ask for the key when none is sent.
      const refusal = await get({}, 'bytes=0-0').then(discard, (thrown: unknown) => thrown);
      throw explainCustomerKey(refusal) === 'wanted' ? wrongCustomerKey(object.key, error) : error;
    }
  }
}

function discard({ Body }: S3.GetObjectCommandOutput): undefined {
  (Body as Readable | undefined)?.on('error', () => undefined).destroy();
  return undefined;
}

/** Detects a replaced object from the response, because not every store honors If-Match. */
function describeChange({ etag, sizeBytes }: StoredObject, answer: S3.GetObjectCommandOutput): string | undefined {
  const plain = (tag: string) => tag.replace(/^W\//, '').replaceAll('"', '');
  if (answer.ETag !== undefined && plain(answer.ETag) !== plain(etag)) return 'its ETag changed';
  const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
  if (total === undefined || Number(total) === sizeBytes) return undefined;
  return `it has ${formatCount(Number(total))} bytes, and was listed with ${formatCount(sizeBytes)}`;
}
