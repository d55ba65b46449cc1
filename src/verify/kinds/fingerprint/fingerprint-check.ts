import { z } from 'zod';
import { checkMapping, flag, mapping, name as nameSchema } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { defineCheckKind } from '../../check-kind.ts';
import { MANIFEST_ENDING } from '../../fingerprint/manifest.ts';
import { compareWithManifest } from './compare-with-manifest.ts';
import type { FingerprintCheck } from './fingerprint-spec.ts';

const pattern = () => nameSchema('the name of a table, in which * stands for anything');

export const fingerprintCheck = defineCheckKind({
  key: 'fingerprint',
  needs: 'hashes',
  schema: checkMapping(
    {
      fingerprint: mapping({
        tables: z
          .array(pattern(), { error: 'must be a list of tables' })
          .min(1, { error: 'is empty: nothing would be compared' })
          .optional()
          .describe('Tables to compare; `*` matches anything. Default: every table.'),
        exclude: z
          .array(pattern(), { error: 'must be a list of tables' })
          .default([])
          .describe('Tables to leave out, such as those that the dump leaves out.'),
        manifest: nameSchema('the name of a file beside the backup')
          .refine((text) => !text.includes('/'), {
            error: 'must be a name without folders: the file is beside the backup',
          })
          .default(`{name}${MANIFEST_ENDING}`)
          .describe(
            'The manifest’s file name; `{name}` stands for the backup’s. It may be compressed, or encrypted as the backup is.',
          ),
        locate: flag().default(false).describe('Also shows in which ranges of integer keys rows differ.'),
      }).describe(
        'Every row must equal the source’s, according to the manifest that `firedrill fingerprint` wrote next to the backup. Rows are hashed in the server.',
      ),
      database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    },
    { timeout: '2h' },
  ),
  resolve({ name, fingerprint, database, timeout }): FingerprintCheck {
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return { kind: 'fingerprint', name, ...fingerprint, tables: fingerprint.tables, database, timeoutMs };
  },
  describe: () => 'every row equals the source’s',
  run: compareWithManifest,
});
