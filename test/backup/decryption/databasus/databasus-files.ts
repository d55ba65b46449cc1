import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

const CHUNK_BYTES = 2 ** 20;

/** Encrypts as Databasus documents it. @param chunkBytes default: 1 MiB, as Databasus writes. */
export function databasusFile(secret: string, backupId: string, content: Buffer, chunkBytes = CHUNK_BYTES): Buffer {
  const [salt, nonce] = [randomBytes(32), randomBytes(12)];
  const key = pbkdf2Sync(secret + backupId, salt, 100_000, 32, 'sha256');
  const parts = [Buffer.from('PGRSUS01'), salt, nonce, Buffer.alloc(12)];
  for (let at = 0, index = 0; at < content.length; at += chunkBytes, index += 1) {
    const own = Buffer.concat([nonce.subarray(0, 4), Buffer.alloc(8)]);
    own.writeBigUInt64BE(BigInt(index), 4);
    const cipher = createCipheriv('aes-256-gcm', key, own);
    const sealed = Buffer.concat([
      cipher.update(content.subarray(at, at + chunkBytes)),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    parts.push(length, sealed);
  }
  return Buffer.concat(parts);
}
