import { createDecipheriv } from 'node:crypto';

export const TAG_BYTES = 16;

/** @param sealed the ciphertext and its tag. @returns undefined when authentication fails: wrong key or nonce, or changed bytes. */
export function openSealed(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined; // the only thing that `final` checks is the tag
  }
  return content;
}
