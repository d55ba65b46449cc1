import type { EngineDescriptor } from '../engine-descriptor.ts';
import { execKeys, resolveExec } from './exec-options.ts';

/** Any system, restored by programs that the drill names. */
export const exec: EngineDescriptor<'exec'> = {
  type: 'exec',
  title: 'programs of the drill',
  offers: ['files', 'program'],
  formats: [
    {
      name: 'exec',
      product: 'a backup that the drill’s own programs restore',
      claims: () => false,
      load: async () => (await import('./exec-format.ts')).execFormat,
    },
  ],
  dumps: {
    program: 'the backup job',
    none: 'not readable without the steps of a drill',
    hint: 'Drill it with `engine: { type: exec }` and `engine.steps`.',
  },
  takesAnyContent: true,
  options: { keys: execKeys, resolve: resolveExec },
  imageFor: () => 'none', // a drill names its own, unless it uses the programs of the host
  serverUser: 'nobody',
};
