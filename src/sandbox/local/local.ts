import { tmpdir } from 'node:os';
import { NO_VERSION } from '../../support/versions.ts';
import { defineRuntime } from '../runtime-kind.ts';

export const local = defineRuntime({
  name: 'local',
  needs: 'a local server',
  isDefault: undefined,
  settings: ({ name }) => ({
    dataRoot: name('the path of a directory')
      .optional()
      .describe(
        'Directory for the data of local sandboxes; it needs space for a whole restored database. Relative to this file. Default: the system’s directory for temporary files.',
      ),
  }),
  paths: ['dataRoot'],
  dataDirectories: ({ dataRoot }) => [dataRoot ?? tmpdir()],
  describePrograms: ({ server: { engine, major } }) =>
    major === NO_VERSION ? 'programs of this host' : `binaries of ${engine} ${major} on this host or from npm`,
  open: async ({ dataRoot }, { clock, engines, searchPath }) => [
    (await import('./runtime.ts')).createLocalRuntime({
      clock,
      engines,
      searchPath,
      ...(dataRoot === undefined ? {} : { dataRoot }),
    }),
  ],
});
