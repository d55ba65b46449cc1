import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { dockerEnvironment } from './client-environment.ts';
import type { DockerEngine } from './engine.ts';
import { startPull, watchSilence } from './follow-pull.ts';

/** How long the client may report no progress: it does for whole layers only, so this is the limit for the largest one. */
const CLIENT_SILENCE_MS = 60 * 60_000;

/**
 * Pulls with the `docker` client, which has access to this user's credentials and their helpers; without a client, only images that need no credentials.
 * @param client its options for the engine.
 */
export function createPuller(docker: Dockerode, client: readonly string[]): DockerEngine['pull'] {
  return async (image, signal) => {
    const { execa } = await import('execa');
    using silence = watchSilence(CLIENT_SILENCE_MS, signal);
    const pulling = execa('docker', [...client, 'pull', '--', image], {
      stdin: 'ignore',
      buffer: { stdout: false },
      env: dockerEnvironment(process.env),
      extendEnv: false,
      cancelSignal: silence.signal,
      reject: false,
    });
    pulling.stdout.on('data', () => silence.restart());
    const { failed, code, stderr } = await pulling;
    silence.signal.throwIfAborted();
    if (code === 'ENOENT') return pullWithoutCredentials(docker, image, signal);
    if (failed) throw new Error(stderr.trim().split('\n').at(-1) ?? 'the docker client failed');
  };
}

async function pullWithoutCredentials(docker: Dockerode, image: string, signal: AbortSignal): Promise<void> {
  const { ended } = await startPull(async (options) => (await docker.pull(image, options)) as Readable, signal);
  await ended;
}
