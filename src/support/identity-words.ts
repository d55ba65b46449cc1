import { toPrintable } from './printable.ts';
import type { IdentityName } from './vocabulary.ts';

/** `recovery identity, opened with age1…, read as access key …WXYZ`: whose keys opened a backup, and the identity that read its store. */
export function describeAccess({ name, keys, principal }: Access): string {
  const parts = [name === 'recovery' ? 'recovery identity' : 'the drill’s own'];
  if (keys.length > 0) parts.push(`opened with ${keys.join(' and ')}`);
  if (principal !== undefined) parts.push(`read as ${principal}`);
  return toPrintable(parts.join(', '), 1000);
}

interface Access {
  readonly name: IdentityName;
  /** Fingerprints. */
  readonly keys: readonly string[];
  readonly principal: string | undefined;
}
