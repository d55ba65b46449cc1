import type * as S3 from '@aws-sdk/client-s3';
import { ReusingAgent } from './s3-agent.ts';
import { assumeRole, type RoleWatch } from './s3-role.ts';
import type { S3Spec } from './s3-spec.ts';

export interface S3Access {
  readonly client: S3.S3Client;
  /** For messages. */
  readonly region: string;
  readonly agent: ReusingAgent;
}

/** Enough for all ranges of a few parallel reads. */
const MAX_SOCKETS = 64;
/** The signature needs a region even for stores that ignore it; a redirect names the bucket's actual region. */
const FALLBACK_REGION = 'us-east-1';

/**
 * A client without retries (the source retries), using the drill's credentials or else the SDK's own chain. If the drill names no region, uses the one from
 * the environment or profile and, if the bucket is elsewhere, the region that the store names.
 * @param idleMs idle time after which a connection is closed
 */
export async function makeS3Client(sdk: typeof S3, spec: S3Spec, watch: RoleWatch, idleMs: number): Promise<S3Access> {
  // An agent's timeout closes only idle connections.
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: idleMs };
  const agent = new ReusingAgent(sockets);
  const config: S3.S3ClientConfig = {
    maxAttempts: 1,
    // Ranges carry no checksum of the whole object; requesting one would only cost CPU.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5000,
      socketTimeout: 30_000,
      httpAgent: agent,
      httpsAgent: sockets,
    },
    ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint }),
    ...(spec.forcePathStyle === undefined ? {} : { forcePathStyle: spec.forcePathStyle }),
    ...(spec.profile === undefined ? {} : { profile: spec.profile }),
    ...(await chooseCredentials(spec, watch)),
  };
  if (spec.region !== undefined)
    return { client: new sdk.S3Client({ ...config, region: spec.region }), region: spec.region, agent };
  const guessed = new sdk.S3Client({ ...config, followRegionRedirects: true });
  try {
    return { client: guessed, region: await guessed.config.region(), agent };
  } catch {
    guessed.destroy();
    const client = new sdk.S3Client({ ...config, followRegionRedirects: true, region: FALLBACK_REGION });
    return { client, region: FALLBACK_REGION, agent };
  }
}

async function chooseCredentials(spec: S3Spec, watch: RoleWatch): Promise<Pick<S3.S3ClientConfig, 'credentials'>> {
  if (spec.role) return { credentials: await assumeRole(spec, spec.role, watch) };
  return spec.credentials === undefined ? {} : { credentials: spec.credentials };
}
