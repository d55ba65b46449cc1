import { mapping, name } from './fields.ts';

/** `restore.snapshot` in a drill file. */
export const snapshotSchema = mapping({
  name: name('the name or id of a backup')
    .optional()
    .describe('The id of a snapshot or the name of an archive, or its beginning followed by `*`.'),
  host: name('the name of a host').optional().describe('The host that was backed up.'),
  path: name('a path').optional().describe('A path that was backed up, as the tool lists it.'),
  tag: name('a tag').optional().describe('A tag of the snapshot.'),
})
  .refine((given) => Object.keys(given).length > 0, { error: 'must have name, host, path or tag' })
  .describe(
    'Which backup to restore from a repository that only its own tool can list, such as restic’s: the newest that matches all of these. Required if the repository holds backups of several hosts or folders. Default: the newest.',
  )
  .meta({ examples: [{ host: 'web1', tag: 'daily' }] });
