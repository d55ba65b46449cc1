import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { mariadbFlavor } from '../../../../../src/engines/mysql/flavor.ts';
import { mydumperBackup } from '../../../../../src/engines/mysql/formats/mydumper/mydumper-backup.ts';
import { directoryContent } from '../../../../support/fake-content.ts';
import { never } from '../../restoring.ts';
import { NEW_DIRECTORY } from './mydumper-directory.ts';

it('refuses a small compressed metadata file that decompresses without end', async () => {
  let given = 0;
  const endless = function* () {
    for (; given < 2 ** 30; given += 2 ** 20) yield Buffer.alloc(2 ** 20, '\n');
  };
  const content = Object.assign(directoryContent(NEW_DIRECTORY), {
    streamUnwrapped: async () => Readable.from(endless()),
  });
  await expect(mydumperBackup(content, mariadbFlavor, never)).rejects.toMatchObject({
    code: 'backup-corrupt',
    message: expect.stringMatching(/metadata has more than 67\.1 MB; no metadata is that long$/),
  });
  expect(given).toBeLessThan(100 * 2 ** 20);
});
