import type { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import { DrillError } from '../../../support/errors.ts';
import { formatCount, formatDuration } from '../../../support/quantities.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { untilAborted } from '../../../support/until-aborted.ts';
import { ReadAttempts, resumingBody } from '../../reading/resuming-body.ts';
import { backOff, MAX_ATTEMPTS, type RetryDeps, SYSTEM_RETRY } from '../../reading/retry.ts';
import type { BackupSource, ReadRange, RequestRecord, StoredObject } from '../../source.ts';
import type { ReusingAgent } from './s3-agent.ts';
import { makeS3Client } from './s3-client.ts';
import { explainS3Error, isTransient } from './s3-errors.ts';
import { readFailure, type S3Request } from './s3-failure.ts';
import { ListingReader } from './s3-listing.ts';
import type { S3Spec } from './s3-spec.ts';

export interface S3Deps extends RetryDeps {
  /** A connection that delivers nothing for this long counts as cut. */
  readonly stallMs: number;
  /** A request without a response (for a read, its headers) after this long counts as timed out. */
  readonly answerMs: number;
}

const systemS3Deps: S3Deps = {
  ...SYSTEM_RETRY,
  stallMs: 30_000,
  answerMs: 60_000,
};

/** How many requests are kept as evidence for a support ticket. */
const KEPT_REQUESTS = 200;

/**
 * Backups in any S3-compatible store. The SDK is loaded here, not at import, so that drills from a directory do not pay for it.
 * Retries are handled here and not in the SDK, because a body that is cut has to be resumed anyway, and because the request log
 * counts attempts.
 */
export async function openS3Source(spec: S3Spec, deps: S3Deps = systemS3Deps): Promise<BackupSource> {
  const sdk = await import('@aws-sdk/client-s3');
  const { client, region, agent } = await makeS3Client(sdk, spec);
  return new S3Source(sdk, client, spec, region, deps, agent);
}

class S3Source implements BackupSource {
  readonly description: string;
  readonly prefix: string;
  readonly #sdk: typeof S3;
  readonly #client: S3.S3Client;
  readonly #spec: S3Spec;
  readonly #region: string;
  readonly #deps: S3Deps;
  readonly #agent: ReusingAgent;
  readonly #requests: RequestRecord[] = [];
  readonly #payer: { RequestPayer?: 'requester' };

  constructor(sdk: typeof S3, client: S3.S3Client, spec: S3Spec, region: string, deps: S3Deps, agent: ReusingAgent) {
    this.#agent = agent;
    this.#sdk = sdk;
    this.#client = client;
    this.#spec = spec;
    this.#region = region;
    this.#deps = deps;
    this.#payer = spec.requestPayer === true ? { RequestPayer: 'requester' } : {};
    this.prefix = spec.prefix;
    this.description = `s3://${spec.bucket}/${spec.prefix}`;
  }

  async *list(signal: AbortSignal): AsyncGenerator<StoredObject> {
    const listing = new ListingReader(`${this.#spec.endpoint ?? 'S3'} for ${this.#spec.bucket}`, this.prefix);
    do {
      const page: S3.ListObjectsV2CommandOutput = await this.#ask('ListObjectsV2', undefined, signal, (abortSignal) =>
        this.#client.send(
          new this.#sdk.ListObjectsV2Command({
            Bucket: this.#spec.bucket,
            Prefix: this.prefix,
            ContinuationToken: listing.token,
            ...this.#payer,
          }),
          { abortSignal },
        ),
      );
      yield* listing.read(page);
    } while (listing.token !== undefined);
  }

  async readTags(object: StoredObject, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { TagSet } = await this.#ask('GetObjectTagging', object.key, signal, (abortSignal) =>
      this.#client.send(
        new this.#sdk.GetObjectTaggingCommand({ Bucket: this.#spec.bucket, Key: object.key, ...this.#payer }),
        {
          abortSignal,
        },
      ),
    );
    return Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
  }

  async read(object: StoredObject, range: ReadRange, signal: AbortSignal): Promise<Readable> {
    const budget = new ReadAttempts(range);
    const open = async (start: number, cause: Error | undefined): Promise<Readable> => {
      budget.resume(start, cause);
      if (cause) await this.#waitOrGiveUp(cause, 'GetObject', object.key, budget.attempts, signal);
      return this.#ask(
        'GetObject',
        object.key,
        signal,
        (abortSignal) => this.#get(object, start, range.end, abortSignal),
        budget,
      );
    };
    const body = resumingBody(await open(range.start, undefined), range, {
      open,
      stallMs: this.#deps.stallMs,
      isReused: (chunk) => this.#agent.isReused(chunk),
    });
    const onAbort = () => body.destroy(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    body.once('close', () => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
    return body;
  }

  async principal(signal: AbortSignal): Promise<string | undefined> {
    const credentials = await untilAborted(this.#client.config.credentials(), signal).catch(() => undefined);
    signal.throwIfAborted();
    return credentials && `access key …${credentials.accessKeyId.slice(-4)}`;
  }

  requests(): readonly RequestRecord[] {
    return this.#requests;
  }

  close(): void {
    this.#client.destroy();
  }

  async #get(object: StoredObject, start: number, end: number, signal: AbortSignal): Promise<Answer<Readable>> {
    const answer = await this.#client.send(
      new this.#sdk.GetObjectCommand({
        Bucket: this.#spec.bucket,
        Key: object.key,
        Range: `bytes=${start}-${end - 1}`,
        IfMatch: object.etag,
        ...this.#payer,
      }),
      { abortSignal: signal },
    );
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

  /** Runs one operation with retries. Logged as one entry, with the last response. */
  async #ask<T>(
    operation: string,
    key: string | undefined,
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Answer<T>>,
    budget: { attempts: number } = { attempts: 0 },
  ): Promise<T> {
    const at = this.#deps.clock.now();
    const startMs = this.#deps.clock.monotonicMs();
    const record = (answer: Omit<Evidence, 'name'>) =>
      this.#record({
        at,
        operation,
        key,
        ...answer,
        attempts: budget.attempts,
        durationMs: this.#deps.clock.monotonicMs() - startMs,
      });
    for (;;) {
      signal.throwIfAborted();
      budget.attempts += 1;
      try {
        const answer = await withinLimit(this.#deps.answerMs, signal, send);
        record(evidenceOf(answer.$metadata));
        return answer;
      } catch (error) {
        if (signal.aborted) throw reasonOf(signal);
        const { status, requestId, extendedRequestId } = readFailure(error);
        if (!isTransient(error) || budget.attempts >= MAX_ATTEMPTS) record({ status, requestId, extendedRequestId });
        await this.#waitOrGiveUp(error, operation, key, budget.attempts, signal);
      }
    }
  }

  async #waitOrGiveUp(
    error: unknown,
    operation: string,
    key: string | undefined,
    attempts: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isTransient(error) || attempts >= MAX_ATTEMPTS) {
      throw explainS3Error(error, this.#describe(operation, key, attempts));
    }
    await backOff(this.#deps, attempts, signal);
  }

  #describe(operation: string, key: string | undefined, attempts: number): S3Request {
    const { bucket, endpoint } = this.#spec;
    return { operation, key, bucket, attempts, region: this.#region, endpoint: endpoint ?? `S3 in ${this.#region}` };
  }

  #record(request: RequestRecord): void {
    this.#requests.push(request);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
  }
}

interface Metadata {
  readonly httpStatusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly extendedRequestId?: string | undefined;
}
type Answer<T> = T & { readonly $metadata: Metadata };
type Evidence = Pick<RequestRecord, 'status' | 'requestId' | 'extendedRequestId'> & { name?: string };

function evidenceOf(metadata: Metadata): Evidence {
  return {
    status: metadata.httpStatusCode,
    requestId: metadata.requestId,
    extendedRequestId: metadata.extendedRequestId,
  };
}

/** Detects a replaced object from the response, because not every store honors If-Match. */
function describeChange({ etag, sizeBytes }: StoredObject, answer: S3.GetObjectCommandOutput): string | undefined {
  const plain = (tag: string) => tag.replace(/^W\//, '').replaceAll('"', '');
  if (answer.ETag !== undefined && plain(answer.ETag) !== plain(etag)) return 'its ETag changed';
  const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
  if (total === undefined || Number(total) === sizeBytes) return undefined;
  return `it has ${formatCount(Number(total))} bytes, and was listed with ${formatCount(sizeBytes)}`;
}

/** Sends with a signal that also aborts when there is no response in time; once it has arrived, only `signal` aborts the body. */
async function withinLimit<T>(
  limitMs: number,
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = Object.assign(new Error(`no complete answer within ${formatDuration(limitMs)}`), {
    name: 'TimeoutError',
  });
  using limit = limitTime(limitMs, () => late, signal);
  try {
    return await send(limit.signal);
  } catch (error) {
    throw limit.signal.reason === late ? late : error;
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
