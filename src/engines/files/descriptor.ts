import type { EngineDescriptor } from '../engine-descriptor.ts';
import { archive } from './formats/archive/descriptor.ts';
import { borg } from './formats/borg/descriptor.ts';
import { folder } from './formats/folder/descriptor.ts';
import { litestream } from './formats/litestream/descriptor.ts';
import { restic } from './formats/restic/descriptor.ts';

/** Files without a server: archives, folders, and repositories of file backup tools. */
export const files: EngineDescriptor<'files'> = {
  type: 'files',
  title: 'Files',
  offers: ['files', 'program'],
  takesAnyContent: true,
  formats: [restic, borg, litestream, archive, folder],
  dumps: {
    program: 'tar',
    none: 'not a folder, a restic or Borg repository, or a Litestream replica',
    hint: 'Select tar or zip archives, or a folder with a closing slash (`match: daily/*/`).',
  },
  // no common image includes the tools of repositories: `engine.image` names one
  imageFor: () => 'debian:13-slim',
  serverUser: 'nobody',
  starterCheck: { name: 'files are there', files: { count: { min: 1 } } },
};
