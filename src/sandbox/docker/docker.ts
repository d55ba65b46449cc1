import { z } from 'zod';
import { defineRuntime } from '../runtime-kind.ts';
import { parseEngineAddress } from './engine-address.ts';

export const docker = defineRuntime({
  name: 'docker',
  needs: 'a Docker engine',
  isDefault: 'if a Docker engine answers',
  settings: ({ name }) => ({
    engines: z
      .array(
        name('the address of a Docker engine').refine((text) => parseEngineAddress(text, false) !== undefined, {
          error: 'must be an address such as unix:///var/run/docker.sock, tcp://10.0.0.5:2376 or ssh://drill@box2',
        }),
        { error: 'must be a list of addresses' },
      )
      .min(1, { error: 'is empty; name an engine, or leave it out' })
      .refine((engines) => new Set(engines).size === engines.length, { error: 'names an engine twice' })
      .optional()
      .describe(
        'Docker engines that drills run on. Each run gets the one with the most free memory; an engine that does not answer is left out. TLS for `tcp://` at port 2376, or with `DOCKER_TLS_VERIFY`, with the certificates in `DOCKER_CERT_PATH`; `ssh://` connects with the `ssh` program. Default: the engine that `DOCKER_HOST` names, or the local one.',
      )
      .meta({ examples: [['unix:///var/run/docker.sock', 'ssh://drill@box2']] }),
  }),
  paths: [],
  dataDirectories: () => [],
  describePrograms: ({ image }) => `image ${image}`,
  open: async ({ engines }, { clock }) =>
    (await import('./docker-runtime.ts')).createDockerRuntimes(engines, { clock }),
});
