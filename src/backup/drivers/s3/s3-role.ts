import type * as S3 from '@aws-sdk/client-s3';
import type { Clock } from '../../../support/clock.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { OnStoreRequest } from '../../../support/store-request.ts';
import { S3Attempts } from './s3-attempts.ts';
import { readFailure } from './s3-failure.ts';
import type { S3Role, S3Spec } from './s3-spec.ts';

/** Session name in the provider's logs. */
const SESSION = 'firedrill';
const FALLBACK_REGION = 'us-east-1';

/** Observes the requests for a role, which the SDK retries itself. */
export interface RoleWatch {
  readonly clock: Clock;
  readonly onRequest: OnStoreRequest;
}

type Provider = Extract<NonNullable<S3.S3ClientConfig['credentials']>, (...args: never[]) => unknown>;

/**
 * A role's credentials from STS, renewed by the SDK before they expire. Throws DrillErrors only: `source-credentials` when there are no base credentials or
 * the role is refused, `source-unreachable`.
 */
export async function assumeRole(spec: S3Spec, role: S3Role, { clock, onRequest }: RoleWatch): Promise<Provider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { arn, externalId, stsEndpoint } = role;
  const profile = spec.profile === undefined ? {} : { profile: spec.profile };
  const region = spec.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? FALLBACK_REGION;
  const attempts = new S3Attempts(stsEndpoint ?? `STS in ${region}`, clock, onRequest);
  const assume = fromTemporaryCredentials({
    clientPlugins: [attempts.plugin],
    masterCredentials: spec.credentials ?? fromNodeProviderChain(profile),
    params: { RoleArn: arn, RoleSessionName: SESSION, ...(externalId === undefined ? {} : { ExternalId: externalId }) },
    clientConfig: { region, ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }) },
  });
  return async (options) => {
    try {
      return await assume(options);
    } catch (error) {
      throw explain(error, role);
    }
  };
}

function explain(error: unknown, { arn, externalId, stsEndpoint }: S3Role): DrillError {
  const { name, status, code, message } = readFailure(error);
  const said = toPrintable(message, 300);
  const where = stsEndpoint ?? 'the STS of AWS';
  if (status === undefined && code !== '')
    return new DrillError(
      'source-unreachable',
      `${where}, which gives out the role ${arn}, does not answer (${code})`,
      {
        hint: 'Check `stsEndpoint` and `region` for a typo, and that this machine may reach that host.',
        cause: error,
      },
    );
  const trust =
    externalId === undefined ? 'and asks for no external id' : `and that \`externalId\` is the one it asks for`;
  return new DrillError('source-credentials', `the role ${arn} could not be assumed (${name}): ${said}`, {
    hint: `Check that the role exists, that its trust policy allows sts:AssumeRole for the credentials in use ${trust}, and that there are such credentials.`,
    cause: error,
  });
}
