import { PassThrough, Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { expect, it } from 'vitest';
import { readTarInfo } from '../../../../src/engines/mysql/xbstream/read-tar-info.ts';
import { never } from '../restoring.ts';

it('keeps only the start of a small file that decompresses to a large one', async () => {
  const tar = pack();
  tar.entry({ name: './xtrabackup_info.zst' }, 'packed');
  tar.entry({ name: './xtrabackup_checkpoints' }, 'from_lsn = 0');
  tar.finalize();
  const open = async () => tar.pipe(new PassThrough());
  const chunk = Buffer.alloc(2 ** 20, 'x');
  const decompress = (packing: string, stored: Readable) => {
    if (packing === 'none') return stored;
    stored.resume();
    return Readable.from(
      (function* () {
        for (let count = 0; count < 64; count += 1) yield chunk;
      })(),
    );
  };
  const texts = await readTarInfo({ key: 'a.tar', open, decompress }, never);
  expect(texts.get('xtrabackup_info')?.length).toBe(2 ** 20);
  expect(texts.get('xtrabackup_checkpoints')).toBe('from_lsn = 0');
});
