import type Dockerode from 'dockerode';
import { untilAborted } from '../../support/until-aborted.ts';
import { dockerEnvironment } from './client-environment.ts';
import type { DockerEngine } from './engine.ts';

/**
 * Pulls with the `docker` client, which has this user's credentials and their helpers; without a client, what needs no credentials.
 * @param client its options for the engine.
 */
export function createPuller(docker: Dockerode, client: readonly string[]): DockerEngine['pull'] {
  return async (image, signal) => {
    const { execa } = await import('execa');
    const { failed, code, stderr } = await execa('docker', [...client, 'pull', '--quiet', '--', image], {
      stdin: 'ignore',
      stdout: 'ignore',
      env: dockerEnvironment(process.env),
      extendEnv: false,
      cancelSignal: signal,
      reject: false,
    });
    signal.throwIfAborted();
    if (code === 'ENOENT') return pullWithoutCredentials(docker, image, signal);
    if (failed) throw new Error(stderr.trim().split('\n').at(-1) ?? 'the docker client failed');
  };
}

async function pullWithoutCredentials(docker: Dockerode, image: string, signal: AbortSignal): Promise<void> {
  const answer = await docker.pull(image, { abortSignal: signal });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  docker.modem.followProgress(answer, (error, steps: readonly PullStep[] = []) => {
    const failed = steps.find((step) => step.error !== undefined); // the request itself has succeeded by then
    if (error) reject(error);
    else if (failed) reject(new Error(failed.error));
    else resolve();
  });
  await untilAborted(promise, signal);
}

/** A line of the answer to Docker Engine API, "Create an image". */
interface PullStep {
  readonly error?: string;
}
