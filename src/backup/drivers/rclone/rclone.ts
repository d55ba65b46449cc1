import { dirname, resolve } from 'node:path';
import { expandable } from '../../../config/fields.ts';
import { defineSource } from '../../source-driver.ts';
import { describePlace, type RcloneSpec } from './rclone-spec.ts';

const EXAMPLE = 'rclone:REMOTE:PATH';

/**
 * Everything that rclone supports: Google Cloud Storage, Azure Blob, SFTP, B2, WebDAV, SMB and others. Remotes and their credentials are rclone's own
 * configuration (its file, or `RCLONE_CONFIG_…` variables), so they never appear in a drill file, an argument, a log or the record.
 */
export const rclone = defineSource({
  type: 'rclone',
  schemes: ['rclone:'],
  title: 'an rclone remote',
  example: EXAMPLE,
  usage: [`\`${EXAMPLE}\` (any store that the program rclone reads)`],
  keys: {
    rcloneConfig: expandable('the path of a file')
      .optional()
      .describe(
        'The rclone configuration file, relative to the drill file, instead of the one that rclone finds. `${NAME}` is replaced.',
      ),
  },
  texts: ['rcloneConfig'],
  secrets: [],
  credentials: ['rcloneConfig'],
  // Some of its stores list a file while it is still being written.
  traits: { atomicObjects: false },
  parse(url, { report, text: textOf, drillFile }): RcloneSpec | undefined {
    const text = url.slice('rclone:'.length);
    const colon = text.indexOf(':');
    const remote = text.slice(0, Math.max(colon, 0));
    if (colon === 0 || /[,="'{]/.test(remote)) {
      // Never quoted, because connection strings contain passwords.
      report(
        'url',
        'must not define a remote by itself; name one of rclone’s configuration (`rclone config`) or of its environment (`RCLONE_CONFIG_NAME_TYPE` and so on)',
      );
      return undefined;
    }
    if (!isRemoteName(remote)) {
      report('url', `must be ${EXAMPLE}, with the name of a remote as \`rclone listremotes\` shows it`);
      return undefined;
    }
    const written = textOf('rcloneConfig');
    const path = text.slice(colon + 1).replace(/(?<=.)\/+$/, '');
    if (written === undefined) return { type: 'rclone', remote, path };
    return { type: 'rclone', remote, path, config: { path: resolve(dirname(drillFile), written), written } };
  },
  describe: (spec) => describePlace(spec),
  forRecord: ({ config, ...spec }) => ({ ...spec, config: config?.written }),
  check: async (signal) => (await import('./rclone-program.ts')).describeRclone(signal),
  siblings: async ({ path, ...spec }) => {
    const slash = path.lastIndexOf('/');
    const isTop = path === '' || slash === 0; // above `/srv` lies the whole machine
    const around = isTop ? undefined : { ...spec, path: path.slice(0, Math.max(slash, 0)) };
    return { around, others: [], problem: undefined };
  },
  open: async (spec, { onRequest }) =>
    (await import('./rclone-source.ts')).openRcloneSource(spec, undefined, onRequest),
});

/** Source: rclone's documentation, "Valid remote names". */
function isRemoteName(text: string): boolean {
  return /^[\p{L}\p{N}_.+@][\p{L}\p{N}_.+@ -]*(?<! )$/u.test(text);
}
