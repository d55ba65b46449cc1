import type { BackupContent } from '../../../../backup/content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';

const ENTRY = /^(?:shards\/\d+\/replicas\/\d+\/)?metadata\/[^/]+(?:\/[^/]+)?\.sql$/;
/** File names in such a backup. */
export const MEMBER = /^(?:shards|metadata|data)\/|^\.(?:lock|backup)$/;

export function isNativeBackup(content: BackupContent): boolean {
  if (content.kind === 'object') return isNativeTar(namesInTar(content.head));
  const names = [...content.members.keys()];
  return content.members.has('.backup') && names.every((name) => MEMBER.test(name));
}

/** A tar begins with the definitions, and ends with `.backup`. */
export function isNativeTar(names: readonly string[]): boolean {
  return names[0] !== undefined && ENTRY.test(names[0]);
}
