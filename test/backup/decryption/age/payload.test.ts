import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { ByteReader } from '../../../../src/backup/compression/byte-reader.ts';
import { decryptPayload } from '../../../../src/backup/decryption/age/payload.ts';
import { failure } from '../../../contracts/source-contract.ts';
import { inPieces } from './age-files.ts';

const KEY = randomBytes(32);

function chunk(index: number, isLast: boolean, content: Buffer): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = isLast ? 1 : 0;
  const cipher = createCipheriv('chacha20-poly1305', KEY, nonce, { authTagLength: 16 });
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

async function decrypt(...chunks: readonly Buffer[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of decryptPayload(new ByteReader(inPieces(Buffer.concat(chunks), 10_000)), KEY))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

it('counts chunks beyond 256', async () => {
  const content = randomBytes(65_536);
  const chunks = Array.from({ length: 300 }, (_, index) => chunk(index, index === 299, content));
  expect(await decrypt(...chunks)).toHaveLength(300 * 65_536);
});

it('may be empty only as a whole: an empty last chunk after others is corrupt, as the format says', async () => {
  expect(await decrypt(chunk(0, true, Buffer.alloc(0)))).toHaveLength(0);
  const error = await failure(decrypt(chunk(0, false, randomBytes(65_536)), chunk(1, true, Buffer.alloc(0))));
  expect(error.code).toBe('backup-corrupt');
});
