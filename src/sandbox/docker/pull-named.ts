import { addAbortSignal, type Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { dockerEnvironment } from './client-environment.ts';
import type { DockerEngine } from './engine.ts';
import { type JsonObject, readJsonLines } from './json-lines.ts';

/**
 * Pulls with the `docker` client, which has access to this user's credentials and their helpers; without a client, only images that need no credentials.
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
  const answer = addAbortSignal(signal, (await docker.pull(image, { abortSignal: signal })) as Readable);
  const read = readJsonLines((step) => {
    const why = whyFailed(step); // the request itself has succeeded by then
    if (why !== undefined) throw new Error(why);
  });
  for await (const piece of answer) read(piece as Buffer);
}

/** @param step a line of the answer to Docker Engine API, "Create an image". */
function whyFailed({ error, errorDetail }: JsonObject): string | undefined {
  if (typeof error === 'string') return error;
  const message = (errorDetail as { readonly message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}
