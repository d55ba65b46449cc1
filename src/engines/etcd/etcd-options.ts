import { z } from 'zod';
import type { OptionsContext } from '../engine-options.ts';

/** The engine’s own keys, resolved to plain data. */
export interface EtcdOptions {
  /** Our environment variable that contains the snapshot's `root` password. */
  readonly rootPasswordEnv: string | undefined;
}

export const etcdKeys = {
  rootPassword: z
    .strictObject(
      {
        env: z
          .string({ error: 'must be the name of a variable' })
          .regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' })
          .describe('A variable of Firedrill’s environment that holds it.'),
      },
      { error: 'must name a variable: { env: ETCD_ROOT_PASSWORD }' },
    )
    .optional()
    .describe(
      'Of `etcd`: where to read the password of the user `root`, for snapshots of clusters with authentication turned on. Not needed otherwise.',
    )
    .meta({ examples: [{ env: 'ETCD_ROOT_PASSWORD' }] }),
};

const own = z.object(etcdKeys);

export function resolveEtcd(
  keys: Readonly<Record<string, unknown>>,
  { image, runtime, report }: OptionsContext,
): EtcdOptions | undefined {
  if (image === undefined && runtime !== 'local') {
    report(['engine'], 'needs `image`, with etcd, etcdctl, etcdutl and a shell, see docs/etcd.md');
    return undefined;
  }
  return { rootPasswordEnv: own.parse(keys).rootPassword?.env };
}
