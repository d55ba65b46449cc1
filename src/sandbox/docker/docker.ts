import { defineRuntime } from '../runtime-kind.ts';

export const docker = defineRuntime({
  name: 'docker',
  needs: 'a Docker engine',
  isDefault: 'where a Docker engine answers',
  settings: () => ({}),
  paths: [],
  dataDirectories: () => [],
  describePrograms: ({ image }) => `image ${image}`,
  open: async (_, { clock }) => (await import('./docker-runtime.ts')).createDockerRuntime({ clock }),
});
